using Ogong.Kernels.Device;
using Ogong.Native.Cuda;

namespace Ogong.Kernels.Cuda;

/// <summary>
/// Steps. The first time a shape comes, its calls run as they come; the second time they are recorded too, and made into a CUDA graph; from then on calls are only compared with the recording,
/// written data goes to its fixed places, and the end of the step launches the graph. A call that differs makes the calls before it run one by one, and the shape is recorded anew next time.
/// </summary>
internal sealed partial class CudaQueue
{
    /// <summary>Shapes remembered; the one not used for longest goes first.</summary>
    internal const int MaxSteps = 16;

    /// <summary>Most recently used first.</summary>
    private readonly List<RecordedStep> _steps = [];
    private RecordedStep? _recording;
    private RecordedStep? _replay;
    private CudaStream? _capture;
    private int _pendingBefore;

    /// <summary>Graphs launched, each a whole step.</summary>
    internal int Replays { get; private set; }

    /// <summary>Graphs made.</summary>
    internal int Recordings { get; private set; }

    public override void BeginStep(long shape)
    {
        Abandon();
        RecordedStep? step = Find(shape);
        if (step is null)
        {
            Remember(new RecordedStep(Backend, shape));
            return;
        }
        // Its places in pinned memory are taken, or its calls would have other numbers: it runs as called.
        if (step.InFlight || (step.IsComplete && step.FirstFault != _faults.Count)) return;
        if (step.IsComplete)
        {
            (_replay, _pendingBefore) = (step, _pending.Count);
            step.Rewind();
            return;
        }
        step.Clear(_faults.Count);
        step.InFlight = true;
        _recording = step;
    }

    public override void EndStep()
    {
        if (_recording is { } recording)
        {
            _recording = null;
            recording.Add(new CopyNode(_faultWord.Range(0, sizeof(ulong)), new StagedBytes(_landedFault, _landedFault.Pointer, 0, sizeof(ulong)), toDevice: false));
            recording.Finish(_capture ??= Backend.Context.CreateStream());
            Recordings++;
        }
        if (_replay is not { } replay) return;
        if (!replay.HasComeAgain)
        {
            Diverge();
            return;
        }
        _replay = null;
        (replay.InFlight, _busy, _faultRead) = (true, true, true);
        replay.Launch(_stream);
        Replays++;
        Backend.StepReplayed();
    }

    /// <summary>The calls of the step so far run one by one, and so do those to come.</summary>
    private void Diverge()
    {
        if (_replay is not { } replay) return;
        _replay = null;
        (replay.InFlight, _busy, _faultRead) = (true, true, false);
        replay.EnqueueSoFar(_stream);
        replay.Forget();
    }

    /// <summary>Ends the step within which a completion comes.</summary>
    private void LeaveStep()
    {
        Diverge();
        _recording = null;
    }

    /// <summary>Gives up a step that was not ended.</summary>
    private void Abandon()
    {
        _recording = null;
        if (_replay is not { } replay) return;
        _replay = null;
        _faults.Reset(replay.FirstFault);
        _pending.Drop(_pendingBefore);
    }

    private RecordedStep? Find(long shape)
    {
        for (int i = 0; i < _steps.Count; i++)
        {
            RecordedStep step = _steps[i];
            if (step.Shape != shape) continue;
            _steps.RemoveAt(i);
            _steps.Insert(0, step);
            return step;
        }
        return null;
    }

    private void Remember(RecordedStep step)
    {
        if (_steps.Count == MaxSteps)
        {
            RecordedStep last = _steps[^1];
            if (last.InFlight) _stream.Synchronize();
            last.Dispose();
            _steps.RemoveAt(_steps.Count - 1);
        }
        _steps.Insert(0, step);
    }
}
