using Ogong.Compute;

namespace Ogong.Detection;

/// <summary>Computes sketches under banks drawn after the commitment.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class Verifier(IBackend backend) : IDisposable
{
    /// <summary>Directions of a drawn bank.</summary>
    public const int Directions = 64;

    private readonly ComputeQueue _queue = backend.CreateQueue();

    /// <summary>Sketches of rows.</summary>
    public float[] Project(ReadOnlySpan<float> rows, int width, ulong seed, int directions)
    {
        int count = rows.Length / width;
        using DeviceBuffer states = backend.Allocate(4L * rows.Length), sketch = backend.Allocate(4L * count * directions);
        var result = new float[count * directions];
        _queue.Write(rows, states);
        _queue.SrpProject(states, seed, sketch, count, width, directions);
        _queue.Read(sketch, result.AsMemory());
        _queue.CompleteAsync().GetAwaiter().GetResult();
        return result;
    }

    public void Dispose() => _queue.Dispose();
}
