using Ogong.Kernels.Device;
using System.Buffers;
using Ogong.Compute;

namespace Ogong.Kernels.Cuda;

/// <summary>Copies between host and device pass through pinned memory, so that the caller's may be reused at once, or moved by the garbage collector, while the device copies.</summary>
internal sealed unsafe partial class CudaQueue
{
    /// <summary>A write is cut into pieces of this size, so that the device copies one while the host stages the next.</summary>
    private const int WritePiece = 4 << 20;

    /// <summary>Staged writes of which the host waits for the device.</summary>
    private const long WritesInFlight = 64 << 20;

    private readonly StagingArena _writes;
    private readonly StagingArena _reads;
    private readonly List<(MemoryHandle Destination, nint Staged, long ByteLength)> _landings = [];

    protected override void WriteCore(ReadOnlySpan<byte> source, DeviceBuffer destination, long byteOffset)
    {
        ulong to = Pointer(destination, byteOffset);
        for (int start = 0; start < source.Length; start += WritePiece)
        {
            ReadOnlySpan<byte> piece = source.Slice(start, Math.Min(WritePiece, source.Length - start));
            bool isNext = IsNext(to + (ulong)start, piece.Length, toDevice: true, out nint staged);
            if (!isNext) staged = (nint)StageWrite(piece.Length);
            piece.CopyTo(new Span<byte>((void*)staged, piece.Length));
            if (!isNext) Copy(to + (ulong)start, staged, piece.Length, toDevice: true);
        }
    }

    protected override void ReadCore<T>(DeviceBuffer source, Memory<T> destination, long byteOffset)
    {
        long bytes = (long)destination.Length * sizeof(T);
        if (bytes == 0) return;
        ulong from = Pointer(source, byteOffset);
        if (!IsNext(from, bytes, toDevice: false, out nint staged))
        {
            staged = (nint)(_recording?.Staging ?? _reads).Take(bytes);
            Copy(from, staged, bytes, toDevice: false);
        }
        _landings.Add((destination.Pin(), staged, bytes));
    }

    /// <summary>Whether a copy is the next of the step being replayed, and then where in pinned memory it is.</summary>
    private bool IsNext(ulong device, long bytes, bool toDevice, out nint staged)
    {
        staged = 0;
        if (_replay is not { } replay) return false;
        if (replay.Next is not CopyNode next || !next.Is(device, bytes, toDevice))
        {
            Diverge();
            return false;
        }
        replay.Advance();
        staged = next.Staged;
        return true;
    }

    private void Copy(ulong device, nint staged, long bytes, bool toDevice)
    {
        (_busy, _faultRead) = (true, false);
        var node = new CopyNode(device, staged, bytes, toDevice);
        node.Enqueue(_stream);
        _recording?.Add(node);
    }

    private byte* StageWrite(int bytes)
    {
        if (_recording is { } recording) return recording.Staging.Take(bytes);
        if (_writes.Used + bytes > WritesInFlight)
        {
            _stream.Synchronize();
            _writes.Reset();
        }
        return _writes.Take(bytes);
    }

    /// <summary>Copies what was read to where it was wanted.</summary>
    private void Land()
    {
        foreach ((MemoryHandle destination, nint staged, long bytes) in _landings)
            Buffer.MemoryCopy((void*)staged, destination.Pointer, bytes, bytes);
        DropReads();
    }

    /// <summary>Forgets the reads that have not landed.</summary>
    private void DropReads()
    {
        foreach ((MemoryHandle destination, _, _) in _landings) destination.Dispose();
        _landings.Clear();
    }
}
