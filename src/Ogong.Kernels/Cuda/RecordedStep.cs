using Ogong.Kernels.Device;
using Ogong.Native.Cuda;

namespace Ogong.Kernels.Cuda;

/// <summary>The calls of one step, its places in pinned memory, and, once they are known, the graph that replays them all in one launch. Belongs to its queue.</summary>
internal sealed class RecordedStep(CudaBackend backend, long shape) : IDisposable
{
    private readonly List<StepNode> _nodes = [];
    private CudaGraphExec? _graph;
    private int _next;

    /// <summary>What the caller calls the step.</summary>
    public long Shape { get; } = shape;

    /// <summary>Fixed places of its copies.</summary>
    public StagingArena Staging { get; } = new(backend.Pin);

    /// <summary>Outputs numbered since the last completion when the step began: the numbers are part of the calls.</summary>
    public int FirstFault { get; private set; }

    /// <summary>Whether it has been recorded to the end.</summary>
    public bool IsComplete => _graph is not null;

    /// <summary>Whether the device may still be using its places in pinned memory.</summary>
    public bool InFlight { get; set; }

    /// <summary>Whether every call has come again, but the last, which <see cref="CudaQueue.EndStep"/> adds.</summary>
    public bool HasComeAgain => _next == _nodes.Count - 1;

    /// <summary>The call that comes next in a replay; null at the end.</summary>
    public StepNode? Next => _next < _nodes.Count ? _nodes[_next] : null;

    /// <summary>Starts recording from nothing.</summary>
    public void Clear(int firstFault)
    {
        Forget();
        _nodes.Clear();
        Staging.Reset();
        (_next, FirstFault) = (0, firstFault);
    }

    public void Add(StepNode node) => _nodes.Add(node);

    /// <summary>Makes the graph of the recorded calls. Nothing runs.</summary>
    public void Finish(CudaStream stream)
    {
        stream.BeginCapture();
        try
        {
            foreach (StepNode node in _nodes) node.Enqueue(stream);
        }
        catch
        {
            stream.AbandonCapture();
            throw;
        }
        using CudaGraph graph = stream.EndCapture();
        _graph = graph.Instantiate();
    }

    /// <summary>Starts comparing calls with the recording.</summary>
    public void Rewind() => _next = 0;

    public void Advance() => _next++;

    /// <summary>Enqueues one by one the calls that have come so far.</summary>
    public void EnqueueSoFar(CudaStream stream)
    {
        for (int i = 0; i < _next; i++) _nodes[i].Enqueue(stream);
    }

    /// <summary>Gives up the graph: the step will be recorded anew.</summary>
    public void Forget()
    {
        _graph?.Dispose();
        _graph = null;
    }

    /// <summary>Enqueues all calls at once.</summary>
    public void Launch(CudaStream stream) => _graph!.Launch(stream);

    public void Dispose()
    {
        _graph?.Dispose();
        Staging.Dispose();
    }
}
