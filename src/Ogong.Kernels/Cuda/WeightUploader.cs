using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Ogong.Compute;
using Ogong.Kernels.Host;
using Ogong.Native.Cuda;

namespace Ogong.Kernels.Cuda;

/// <summary>
/// Carries stored tensors to the device through two pinned buffers: while one is being copied, the other is filled and checked on all processors. Thread-safe; one tensor at a time.
/// </summary>
internal sealed unsafe class WeightUploader(CudaContext context) : IDisposable
{
    private const int BufferBytes = 16 << 20;

    /// <summary>Bytes one thread reads, checks and copies at a time.</summary>
    private const int TaskBytes = 1 << 20;

    private readonly Lock _gate = new();
    private readonly CudaStream _stream = context.CreateStream();
    private readonly (PinnedMemory? Memory, CudaEvent Copied)[] _buffers = [(null, context.CreateEvent()), (null, context.CreateEvent())];

    /// <summary>Copies a tensor, strip after strip, into <paramref name="weight"/>.</summary>
    /// <exception cref="NonFiniteException">An element is an infinity or a NaN.</exception>
    public void Upload(ITensorSource source, CudaWeight weight)
    {
        int strips = (int)Math.Clamp(BufferBytes / weight.StripBytes, 1, weight.Strips);
        lock (_gate)
        {
            try
            {
                for (int first = 0, turn = 0; first < weight.Strips; first += strips, turn ^= 1)
                {
                    int count = Math.Min(strips, weight.Strips - first);
                    PinnedMemory pinned = Buffer(turn, Math.Max(BufferBytes, weight.StripBytes));
                    Fill(source, weight, first, count, (byte*)pinned.Pointer);
                    _stream.CopyToDevice(weight.Range(first, count), pinned);
                    _buffers[turn].Copied.Record(_stream);
                }
            }
            finally
            {
                // Also when a row was refused: the destination is about to be released.
                _stream.Synchronize();
            }
        }
    }

    public void Dispose()
    {
        foreach ((PinnedMemory? memory, CudaEvent copied) in _buffers)
        {
            memory?.Dispose();
            copied.Dispose();
        }
        _stream.Dispose();
    }

    private PinnedMemory Buffer(int turn, long bytes)
    {
        ref (PinnedMemory? Memory, CudaEvent Copied) buffer = ref _buffers[turn];
        if (buffer.Memory is { } memory)
        {
            buffer.Copied.Synchronize();
            if (memory.ByteLength >= bytes) return memory;
            memory.Dispose();
            buffer.Memory = null; // should there be no room for more
        }
        return buffer.Memory = context.AllocatePinned(bytes);
    }

    private static void Fill(ITensorSource source, CudaWeight weight, int first, int count, byte* pinned)
    {
        int perTask = (int)Math.Clamp(TaskBytes / weight.StripBytes, 1, count);
        try
        {
            Parallel.For(0, (count + perTask - 1) / perTask, task =>
            {
                int strip = task * perTask, row = (first + strip) * weight.StripRows, strips = Math.Min(perTask, count - strip);
                int rows = (int)Math.Min((long)strips * weight.StripRows, weight.Rows - row);
                ReadOnlySpan<byte> block = source.ReadRows(row, rows);
                if (block.Length != rows * source.Type.RowBytes(source.Columns))
                    throw new ArgumentException($"{source.Name} gave {block.Length} bytes for {rows} rows of {source.Columns}.", nameof(source));
                long index = source.Type switch
                {
                    ElementType.F32 => FiniteCheck.FirstNonFinite(MemoryMarshal.Cast<byte, float>(block)),
                    ElementType.F16 or ElementType.BF16 => FiniteCheck.FirstNonFinite(MemoryMarshal.Cast<byte, ushort>(block), source.Type),
                    _ => ElementStorage.FirstNonFinite(source.Type, source.Columns, block),
                };
                if (index >= 0) throw new NonFiniteException(source.Name, row + (int)(index / source.Columns), (int)(index % source.Columns));
                var to = new Span<byte>(pinned + (strip * weight.StripBytes), checked((int)(strips * weight.StripBytes)));
                if (source.Type.IsBlock()) PackPanels(weight, block, to);
                else block.CopyTo(to);
            });
        }
        catch (AggregateException exceptions)
        {
            ExceptionDispatchInfo.Throw(exceptions.InnerExceptions[0]);
        }
    }

    private static void PackPanels(CudaWeight weight, ReadOnlySpan<byte> rows, Span<byte> panels)
    {
        int stored = checked(weight.StripRows * (int)weight.Type.RowBytes(weight.Columns)), bytes = checked((int)weight.StripBytes);
        for (; !rows.IsEmpty; rows = rows[Math.Min(stored, rows.Length)..], panels = panels[bytes..])
            IntegerPanels.Pack(weight.Type, weight.Columns, rows[..Math.Min(stored, rows.Length)], panels[..bytes]);
    }
}
