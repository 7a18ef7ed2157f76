using Ogong.Native.Cuda;

namespace Ogong.Kernels.Cuda;

/// <summary>Pinned memory handed out from front to back and taken back all at once. Grows as needed and keeps what it has. Not thread-safe.</summary>
internal sealed unsafe class StagingArena(CudaContext context) : IDisposable
{
    private const long BlockBytes = 256 << 10, Alignment = 64;
    private readonly List<PinnedMemory> _blocks = [];
    private int _block;
    private long _offset;

    /// <summary>Bytes handed out.</summary>
    public long Used { get; private set; }

    /// <summary>Memory of <paramref name="bytes"/>, valid until the next reset.</summary>
    public byte* Take(long bytes)
    {
        while (_block < _blocks.Count && _offset + bytes > _blocks[_block].ByteLength) (_block, _offset) = (_block + 1, 0);
        if (_block == _blocks.Count) _blocks.Add(context.AllocatePinned(Math.Max(BlockBytes, bytes)));
        byte* taken = (byte*)_blocks[_block].Pointer + _offset;
        _offset += (bytes + Alignment - 1) & -Alignment;
        Used += bytes;
        return taken;
    }

    /// <summary>Takes everything back; no copy may still be using it.</summary>
    public void Reset() => (_block, _offset, Used) = (0, 0, 0);

    public void Dispose()
    {
        foreach (PinnedMemory block in _blocks) block.Dispose();
        _blocks.Clear();
    }
}
