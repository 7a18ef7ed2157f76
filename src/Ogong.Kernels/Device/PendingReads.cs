using System.Buffers;

namespace Ogong.Kernels.Device;

/// <summary>Reads whose bytes are on their way to staging memory; they are copied to where they were wanted when the device is done. Not thread-safe.</summary>
internal sealed class PendingReads
{
    private readonly List<(MemoryHandle Destination, StagedBytes Staged)> _reads = [];

    /// <summary>How many there are.</summary>
    public int Count => _reads.Count;

    /// <summary>Adds one, and keeps its destination where it is.</summary>
    public void Add<T>(Memory<T> destination, StagedBytes staged) => _reads.Add((destination.Pin(), staged));

    /// <summary>Copies what was read to where it was wanted.</summary>
    public unsafe void Land()
    {
        foreach ((MemoryHandle destination, StagedBytes staged) in _reads)
            Buffer.MemoryCopy(staged.Pointer, destination.Pointer, staged.ByteLength, staged.ByteLength);
        Drop();
    }

    /// <summary>Forgets those that have not landed.</summary>
    public void Drop() => Drop(0);

    /// <summary>Forgets those added after the first <paramref name="kept"/>.</summary>
    public void Drop(int kept)
    {
        for (int i = kept; i < _reads.Count; i++) _reads[i].Destination.Dispose();
        _reads.RemoveRange(kept, _reads.Count - kept);
    }
}
