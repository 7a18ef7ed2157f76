using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Ogong.Engine;

namespace Ogong.Kernels.Hosting;

/// <summary>Writes each activity of the engine to a log when it ends. Ogong.Core itself knows no logger.</summary>
internal sealed partial class ActivityLogger : IDisposable
{
    private readonly ActivityListener _listener;

    public ActivityLogger(ILogger logger)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == OgongDiagnostics.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) =>
                logger.IsEnabled(LogLevel.Debug) ? ActivitySamplingResult.AllData : ActivitySamplingResult.None,
            ActivityStopped = activity => LogActivity(
                logger, activity.OperationName, activity.Duration.TotalMilliseconds, string.Join(' ', activity.TagObjects.Select(tag => $"{tag.Key}={tag.Value}"))),
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose() => _listener.Dispose();

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Activity} took {Milliseconds} ms {Tags}")]
    private static partial void LogActivity(ILogger logger, string activity, double milliseconds, string tags);
}
