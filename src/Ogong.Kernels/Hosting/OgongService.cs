using Microsoft.Extensions.Logging;
using Ogong.Compute;
using Ogong.Engine;
using Ogong.Models;

namespace Ogong.Kernels.Hosting;

/// <summary>One model on one backend, loaded when first asked for. Registered as a singleton. Thread-safe.</summary>
public sealed partial class OgongService : IAsyncDisposable
{
    private readonly OgongOptions _options;
    private readonly ILogger<OgongService> _logger;
    private readonly ActivityLogger _activities;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private Task<Loaded>? _loading;

    internal OgongService(OgongOptions options, IBackend backend, ILoggerFactory loggers)
    {
        (_options, Backend) = (options, backend);
        _logger = loggers.CreateLogger<OgongService>();
        _activities = new ActivityLogger(loggers.CreateLogger(OgongDiagnostics.Name));
    }

    /// <summary>Where the model runs.</summary>
    public IBackend Backend { get; }

    /// <summary>The generator, loading the model the first time. A load that failed is tried again by the next call.</summary>
    /// <param name="cancellationToken">Stops waiting, not the load, which others may be waiting for.</param>
    /// <exception cref="ModelFormatException">The model's files are malformed or unsupported.</exception>
    public async Task<TextGenerator> GetGeneratorAsync(CancellationToken cancellationToken = default)
    {
        Task<Loaded> loading;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping.IsCancellationRequested, this);
            if (_loading is null or { IsFaulted: true } or { IsCanceled: true }) _loading = LoadAsync(_stopping.Token);
            loading = _loading;
        }
        return (await loading.WaitAsync(cancellationToken).ConfigureAwait(false)).Generator;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Task<Loaded>? loading;
        lock (_gate)
        {
            if (_stopping.IsCancellationRequested) return;
            _stopping.Cancel();
            loading = _loading;
        }
        if (loading is not null)
        {
            await Task.WhenAny(loading).ConfigureAwait(false);
            if (loading.IsCompletedSuccessfully) await (await loading.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        }
        _activities.Dispose();
        _stopping.Dispose();
    }

    private async Task<Loaded> LoadAsync(CancellationToken cancellationToken)
    {
        StoredModel model = StoredModel.Open(_options.ModelPath);
        try
        {
            Segment segment = await Segment.LoadAsync(Backend, model, cancellationToken: cancellationToken).ConfigureAwait(false);
            try
            {
                var generator = new TextGenerator([segment], _options.Execution, _options.Commit);
                LogLoaded(_logger, model.FullPath, Backend.Device.Name, segment.ResidentBytes);
                return new Loaded(model, segment, generator);
            }
            catch
            {
                segment.Dispose();
                throw;
            }
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Loaded {Model} on {Device}: {Bytes} bytes resident")]
    private static partial void LogLoaded(ILogger logger, string model, string device, long bytes);

    private sealed record Loaded(StoredModel Model, Segment Segment, TextGenerator Generator) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Generator.DisposeAsync().ConfigureAwait(false);
            Segment.Dispose();
            Model.Dispose();
        }
    }
}
