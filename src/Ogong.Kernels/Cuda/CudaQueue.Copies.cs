using Ogong.Compute;
using Ogong.Kernels.Device;
using Ogong.Native.Cuda;

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
    private readonly PendingReads _pending = new();

    protected override void WriteCore(ReadOnlySpan<byte> source, DeviceBuffer destination, long byteOffset)
    {
        for (int start = 0; start < source.Length; start += WritePiece)
        {
            ReadOnlySpan<byte> piece = source.Slice(start, Math.Min(WritePiece, source.Length - start));
            DeviceRange to = CudaBuffer.From(destination).Range(byteOffset + start, piece.Length);
            bool isNext = IsNext(to, toDevice: true, out StagedBytes staged);
            if (!isNext) staged = StageWrite(piece.Length);
            piece.CopyTo(new Span<byte>(staged.Pointer, piece.Length));
            if (!isNext) Copy(to, staged, toDevice: true);
        }
    }

    protected override void ReadCore<T>(DeviceBuffer source, Memory<T> destination, long byteOffset)
    {
        if (destination.IsEmpty) return;
        DeviceRange from = CudaBuffer.From(source).Range(byteOffset, (long)destination.Length * sizeof(T));
        if (!IsNext(from, toDevice: false, out StagedBytes staged))
        {
            staged = (_recording?.Staging ?? _reads).Take(from.ByteLength);
            Copy(from, staged, toDevice: false);
        }
        _pending.Add(destination, staged);
    }

    /// <summary>Whether a copy is the next call of the step being replayed, and then where in pinned memory it is.</summary>
    private bool IsNext(DeviceRange device, bool toDevice, out StagedBytes staged)
    {
        staged = default;
        if (_replay is not { } replay) return false;
        if (replay.Next is not CopyNode next || !next.Is(device, toDevice))
        {
            Diverge();
            return false;
        }
        replay.Advance();
        staged = next.Staged;
        return true;
    }

    private void Copy(DeviceRange device, StagedBytes staged, bool toDevice)
    {
        (_busy, _faultRead) = (true, false);
        if (toDevice) _stream.CopyToDevice(device, (PinnedMemory)staged.Owner, staged.Offset);
        else _stream.CopyToHost((PinnedMemory)staged.Owner, device, staged.Offset);
        _recording?.Add(new CopyNode(device, staged, toDevice));
    }

    private StagedBytes StageWrite(int bytes)
    {
        if (_recording is { } recording) return recording.Staging.Take(bytes);
        if (_writes.Used + bytes > WritesInFlight)
        {
            _stream.Synchronize();
            _writes.Reset();
        }
        return _writes.Take(bytes);
    }
}
