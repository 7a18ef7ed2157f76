using System.Runtime.InteropServices;
using Ogong.Compute;
using Ogong.Numerics;

namespace Ogong.Kernels.Cuda;

internal sealed partial class CudaQueue
{
    /// <summary>Quantises the input of an integer layer to the queue's scratch.</summary>
    private QuantizedInput Quantize(DeviceBuffer x, CudaWeight w, int rows)
    {
        const int Threads = 256, GroupSumBytes = 16;
        long chunks = (long)rows * Grid.Blocks(w.Columns, Reductions.Chunk);
        ulong q = Scratch(chunks * (Reductions.Chunk + GroupSumBytes + sizeof(float)));
        ulong sums = q + (ulong)(chunks * Reductions.Chunk), dx = sums + (ulong)(chunks * GroupSumBytes);
        var input = new QuantizedInput(q, dx, w.Type == ElementType.Q4_K ? sums : 0);
        Launch(Kernel("quantize_rows.cu", "quantize_rows"), GridStride(32 * chunks, Threads), Threads, 0, new QuantizeRowsArgs(Pointer(x), q, dx, input.Sums, rows, w.Columns));
        return input;
    }

    /// <summary>Addresses of what quantize_rows.cu leaves: integers, scales, and for Q4_K the sums of groups.</summary>
    private readonly record struct QuantizedInput(ulong Q, ulong Dx, ulong Sums);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct QuantizeRowsArgs(ulong X, ulong Q, ulong Dx, ulong Sums, int Rows, int K);
}
