using Ogong.Compute;
using Ogong.Kernels.Device;

namespace Ogong.Kernels.OpenCl;

/// <summary>Copies pass through staging memory, so that the caller's may be reused at once, or moved by the garbage collector, while the device copies.</summary>
internal sealed unsafe partial class OpenClQueue
{
    /// <summary>Staged writes at which the host waits for the device.</summary>
    private const long WritesInFlight = 64 << 20;

    private const int WritePiece = 16 << 20;

    private readonly StagingArena _writes;
    private readonly StagingArena _reads;
    private readonly PendingReads _pending = new();

    protected override void WriteCore(ReadOnlySpan<byte> source, DeviceBuffer destination, long byteOffset)
    {
        for (int start = 0; start < source.Length; start += WritePiece)
        {
            ReadOnlySpan<byte> piece = source.Slice(start, Math.Min(WritePiece, source.Length - start));
            if (_writes.Used + piece.Length > WritesInFlight)
            {
                _queue.Finish();
                _writes.Reset();
            }
            byte* staged = _writes.Take(piece.Length);
            piece.CopyTo(new Span<byte>(staged, piece.Length));
            _busy = true;
            _queue.Write(staged, Memory(destination), byteOffset + start, piece.Length);
        }
    }

    protected override void ReadCore<T>(DeviceBuffer source, Memory<T> destination, long byteOffset)
    {
        long bytes = (long)destination.Length * sizeof(T);
        if (bytes == 0) return;
        StagedBytes staged = _reads.Take(bytes);
        _busy = true;
        _queue.Read(Memory(source), byteOffset, staged.Pointer, bytes);
        _pending.Add(destination, staged);
    }
}
