namespace Ogong.Kernels.Device;

/// <summary>Host memory that a device may copy from and to while the host goes on.</summary>
/// <param name="Owner">Releases it.</param>
/// <param name="Pointer">Its start.</param>
/// <param name="ByteLength">Its size.</param>
internal readonly record struct StagingBlock(IDisposable Owner, nint Pointer, long ByteLength);

/// <summary>Part of a block.</summary>
/// <param name="Owner">The block's.</param>
/// <param name="Address">Where the part begins.</param>
/// <param name="Offset">Where it begins within the block.</param>
/// <param name="ByteLength">Its size.</param>
internal readonly unsafe record struct StagedBytes(IDisposable Owner, nint Address, long Offset, long ByteLength)
{
    public byte* Pointer => (byte*)Address;

    public static implicit operator byte*(StagedBytes staged) => staged.Pointer;
}

/// <summary>Staging memory handed out from front to back and taken back all at once. Grows as needed and keeps what it has. Not thread-safe.</summary>
/// <param name="allocate">Allocates a block of at least so many bytes.</param>
internal sealed class StagingArena(Func<long, StagingBlock> allocate) : IDisposable
{
    private const long BlockBytes = 256 << 10, Alignment = 64;
    private readonly List<StagingBlock> _blocks = [];
    private int _block;
    private long _offset;

    /// <summary>Bytes handed out.</summary>
    public long Used { get; private set; }

    /// <summary>Memory of <paramref name="bytes"/>, valid until the next reset.</summary>
    public StagedBytes Take(long bytes)
    {
        while (_block < _blocks.Count && _offset + bytes > _blocks[_block].ByteLength) (_block, _offset) = (_block + 1, 0);
        if (_block == _blocks.Count) _blocks.Add(allocate(Math.Max(BlockBytes, bytes)));
        StagingBlock block = _blocks[_block];
        var taken = new StagedBytes(block.Owner, block.Pointer + (nint)_offset, _offset, bytes);
        _offset += (bytes + Alignment - 1) & -Alignment;
        Used += bytes;
        return taken;
    }

    /// <summary>Takes everything back; no copy may still be using it.</summary>
    public void Reset() => (_block, _offset, Used) = (0, 0, 0);

    public void Dispose()
    {
        foreach (StagingBlock block in _blocks) block.Owner.Dispose();
        _blocks.Clear();
    }
}
