using System.Buffers.Binary;
using Ogong.Compute;
using Ogong.Numerics;

namespace Ogong.Kernels.Cpu;

/// <summary>Blocks of K-quants to and from a chunk of a panel, as <see cref="PanelQ4K"/> and <see cref="PanelQ6K"/> lay them out.</summary>
internal static unsafe class KQuantRows
{
    private const int Plane = 128;
    private const int Q4KGroup = 32, Q4KBytes = 64 + (4 * Plane);
    private const int Q6KGroup = 16, Q6KBytes = 64 + (3 * Plane);

    /// <summary>Bytes of a chunk of a panel.</summary>
    public static int ChunkBytes(ElementType type) => type == ElementType.Q4_K
        ? PanelQ4K.ChunkScaleBytes + (Q4KFormat.Elements / Q4KGroup * Q4KBytes)
        : PanelQ6K.ChunkScaleBytes + (Q6KFormat.Elements / Q6KGroup * Q6KBytes);

    /// <summary>Copies a stored block to row j of a chunk.</summary>
    public static void Pack(ElementType type, ReadOnlySpan<byte> block, byte* chunk, int j)
    {
        if (type == ElementType.Q4_K) PackQ4K(block, chunk, j);
        else PackQ6K(block, chunk, j);
    }

    /// <summary>Row j of a chunk, dequantised.</summary>
    public static void Copy(ElementType type, byte* chunk, int j, float* y)
    {
        int at = CpuWeight.PairedIndex(j);
        float d = Float16Format.Widen(((ushort*)chunk)[at]);
        if (type == ElementType.Q4_K)
        {
            float dmin = Float16Format.Widen(((ushort*)(chunk + PanelF16.Stride))[at]);
            for (int k = 0; k < Q4KFormat.Elements; k++)
            {
                byte* group = chunk + PanelQ4K.ChunkScaleBytes + (k / Q4KGroup * Q4KBytes);
                int scales = ((ushort*)group)[at];
                y[k] = (d * (scales & 0xFF) * HalfByte(group + 64, k % Q4KGroup, j)) - (dmin * (scales >> 8));
            }
            return;
        }
        for (int k = 0; k < Q6KFormat.Elements; k++)
        {
            byte* group = chunk + PanelQ6K.ChunkScaleBytes + (k / Q6KGroup * Q6KBytes);
            int c = k % Q6KGroup, upper = group[64 + (2 * Plane) + (4 * j) + (c % 4)] >> (c / 4 * 2) & 3;
            y[k] = d * ((short*)group)[at] * ((HalfByte(group + 64, c, j) | (upper << 4)) - 32);
        }
    }

    private static int HalfByte(byte* planes, int column, int j) => planes[(column / 8 * Plane) + (4 * j) + (column % 4)] >> (column & 4) & 15;

    private static void PackQ4K(ReadOnlySpan<byte> block, byte* chunk, int j)
    {
        int at = CpuWeight.PairedIndex(j);
        ((ushort*)chunk)[at] = BinaryPrimitives.ReadUInt16LittleEndian(block);
        ((ushort*)(chunk + PanelF16.Stride))[at] = BinaryPrimitives.ReadUInt16LittleEndian(block[2..]);
        for (int k = 0; k < Q4KFormat.Elements; k += Q4KGroup)
        {
            byte* group = chunk + PanelQ4K.ChunkScaleBytes + (k / Q4KGroup * Q4KBytes);
            (int scale, int minimum) = Q4KFormat.ScaleAndMinimumOf(block, k);
            ((ushort*)group)[at] = (ushort)(scale | (minimum << 8));
            PackHalfBytes(block, Q4KFormat.Quant, k, Q4KGroup, group + 64, j);
        }
    }

    private static void PackQ6K(ReadOnlySpan<byte> block, byte* chunk, int j)
    {
        int at = CpuWeight.PairedIndex(j);
        ((ushort*)chunk)[at] = BinaryPrimitives.ReadUInt16LittleEndian(block[Q6KFormat.Scale..]);
        for (int k = 0; k < Q6KFormat.Elements; k += Q6KGroup)
        {
            byte* group = chunk + PanelQ6K.ChunkScaleBytes + (k / Q6KGroup * Q6KBytes), upper = group + 64 + (2 * Plane) + (4 * j);
            ((short*)group)[at] = (short)Q6KFormat.ScaleOf(block, k);
            PackHalfBytes(block, Q6KFormat.Quant, k, Q6KGroup, group + 64, j);
            for (int c = 0; c < Q6KGroup; c++) upper[c % 4] |= (byte)(Q6KFormat.Quant(block, k + c) >> 4 << (c / 4 * 2));
        }
    }

    private delegate int Quant(ReadOnlySpan<byte> block, int i);

    private static void PackHalfBytes(ReadOnlySpan<byte> block, Quant quant, int first, int count, byte* planes, int j)
    {
        for (int c = 0; c < count; c++) planes[(c / 8 * Plane) + (4 * j) + (c % 4)] |= (byte)((quant(block, first + c) & 15) << (c & 4));
    }
}
