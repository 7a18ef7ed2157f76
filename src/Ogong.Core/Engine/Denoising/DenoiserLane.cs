namespace Ogong.Engine;

/// <summary>The buffers a host runs one numeric profile of a denoiser with. Sessions take turns on it.</summary>
internal sealed class DenoiserLane(DenoiserSegment segment, DenoiserOptions options) : IDisposable
{
    public DenoiserExecutor Executor { get; } = new([segment], options);

    /// <summary>One session at a time.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>Waits for the step in progress, if any; sessions that come later find the lane disposed.</summary>
    public void Dispose()
    {
        Turn.Wait();
        Executor.Dispose();
        Turn.Dispose();
    }
}
