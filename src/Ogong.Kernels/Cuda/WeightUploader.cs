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

    /// <summary>Copies a tensor, row after row, to the start of <paramref name="destination"/>.</summary>
    /// <exception cref="NonFiniteException">An element is an infinity or a NaN.</exception>
    public void Upload(ITensorSource source, CudaBuffer destination)
    {
        long rowBytes = (long)source.Columns * source.Type.Size();
        int rows = (int)Math.Clamp(BufferBytes / rowBytes, 1, source.Rows);
        lock (_gate)
        {
            try
            {
                for (int first = 0, turn = 0; first < source.Rows; first += rows, turn ^= 1)
                {
                    int count = Math.Min(rows, source.Rows - first);
                    PinnedMemory pinned = Buffer(turn, Math.Max(BufferBytes, rowBytes));
                    Fill(source, first, count, rowBytes, (byte*)pinned.Pointer);
                    _stream.CopyToDevice(destination.Range(first * rowBytes, count * rowBytes), pinned);
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
        }
        return buffer.Memory = context.AllocatePinned(bytes);
    }

    private static void Fill(ITensorSource source, int first, int count, long rowBytes, byte* pinned)
    {
        int perTask = (int)Math.Clamp(TaskBytes / rowBytes, 1, count);
        try
        {
            Parallel.For(0, (count + perTask - 1) / perTask, task =>
            {
                int row = task * perTask, rows = Math.Min(perTask, count - row);
                ReadOnlySpan<byte> block = source.ReadRows(first + row, rows);
                if (block.Length != rows * rowBytes)
                    throw new ArgumentException($"{source.Name} gave {block.Length} bytes for {rows} rows of {source.Columns}.", nameof(source));
                int index = source.Type == ElementType.F32
                    ? FiniteCheck.FirstNonFinite(MemoryMarshal.Cast<byte, float>(block))
                    : FiniteCheck.FirstNonFinite(MemoryMarshal.Cast<byte, ushort>(block), source.Type);
                if (index >= 0) throw new NonFiniteException(source.Name, first + row + (index / source.Columns), index % source.Columns);
                block.CopyTo(new Span<byte>(pinned + (row * rowBytes), block.Length));
            });
        }
        catch (AggregateException exceptions)
        {
            ExceptionDispatchInfo.Throw(exceptions.InnerExceptions[0]);
        }
    }
}
