using Ogong.Compute;
using Ogong.Records;

namespace Ogong.Engine;

/// <summary>The buffers a host runs one numeric profile with. Sessions take turns on it.</summary>
internal sealed class SegmentLane : IDisposable
{
    private readonly DeviceBuffer? _sketch;

    public SegmentLane(Segment segment, ProfileParameters profile, SegmentHostOptions options)
    {
        Executor = new StepExecutor([segment], new ExecutionOptions
        {
            Profile = profile,
            ContextLength = options.ContextLength,
            RowsPerStep = options.RowsPerStep,
            Sequences = 1,
            KvPages = options.Capacity * PagePool.PagesFor(Math.Min(options.ContextLength ?? 4096, segment.Config.MaxPositions)),
        });
        Outputs = segment.IsLast ? OutputStage.Committing(Executor) : null;
        Batch = Outputs?.CreateBatch();
        SketchDirections = segment.IsLast ? 0 : profile.Sketch.Directions;
        if (SketchDirections > 0) _sketch = segment.Backend.Allocate(4L * options.RowsPerStep * SketchDirections);
    }

    public StepExecutor Executor { get; }

    /// <summary>Null unless the segment is the last.</summary>
    public OutputStage? Outputs { get; }

    public OutputBatch? Batch { get; }

    /// <summary>Directions of the sketches of output states; 0 in the exact tier and for the last segment.</summary>
    public int SketchDirections { get; }

    /// <summary>One session at a time.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>Enqueues the sketches of the step's states and their copy to the host.</summary>
    public void ReadSketch(Memory<float> destination)
    {
        if (SketchDirections == 0) return;
        int h = Executor.Config.HiddenSize;
        Executor.Queue.SrpProject(Executor.Hidden, Executor.Options.Profile.Sketch.BankSeed, _sketch!, Executor.Rows, h, SketchDirections);
        Executor.Queue.Read(_sketch!, destination);
    }

    /// <summary>Waits for the step in progress, if any; sessions that come later find the lane disposed.</summary>
    public void Dispose()
    {
        Turn.Wait();
        _sketch?.Dispose();
        Outputs?.Dispose();
        Executor.Dispose();
        Turn.Dispose();
    }
}
