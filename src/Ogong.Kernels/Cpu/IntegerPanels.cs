using System.Buffers.Binary;
using Ogong.Compute;
using Ogong.Numerics;

namespace Ogong.Kernels.Cpu;

/// <summary>Rows of block types to and from panels, as <see cref="IIntegerPanel"/> lays them out.</summary>
internal static unsafe class IntegerPanels
{
    private const int Rows = CpuWeight.PanelRows;
    private const int GroupBytes = 4 * Rows;

    /// <summary>Bytes of a panel: its rows as they are stored, but that the last group is full, and that K-quants' scales take whole bytes.</summary>
    public static long PanelBytes(ElementType type, int columns) => IsK(type)
        ? (long)columns / type.BlockElements() * KQuantRows.ChunkBytes(type)
        : Rows * type.RowBytes(type == ElementType.I8_256 ? checked((columns + 3) & ~3) : columns);

    /// <summary>Copies stored row j of a panel into it, whose memory is zeros.</summary>
    public static void PackRow(ElementType type, ReadOnlySpan<byte> row, int columns, byte* panel, int j)
    {
        int elements = type.BlockElements();
        for (int begin = 0; begin < columns; begin += elements)
        {
            int count = Math.Min(elements, columns - begin);
            ReadOnlySpan<byte> block = row[..(int)type.RowBytes(count)];
            row = row[block.Length..];
            if (IsK(type))
            {
                KQuantRows.Pack(type, block, panel, j);
                panel += KQuantRows.ChunkBytes(type);
                continue;
            }
            byte* words = panel + PackScale(type, block, panel, j) + (4 * j);
            if (type == ElementType.Q4_0)
            {
                // Columns c … c + 7 of a block: low halves of its bytes for c < 16, high halves for the others.
                for (int c = 0; c < count; c += 8, words += GroupBytes)
                {
                    int shift = c < 16 ? 0 : 4;
                    uint low = BinaryPrimitives.ReadUInt32LittleEndian(block[(2 + (c % 16))..]) >> shift, high = BinaryPrimitives.ReadUInt32LittleEndian(block[(6 + (c % 16))..]) >> shift;
                    *(uint*)words = (low & 0x0F0F_0F0F) | ((high & 0x0F0F_0F0F) << 4);
                }
            }
            else
            {
                ReadOnlySpan<byte> integers = block[^count..];
                for (; integers.Length >= 4; integers = integers[4..], words += GroupBytes) *(uint*)words = BinaryPrimitives.ReadUInt32LittleEndian(integers) ^ 0x8080_8080;
                for (int b = 0; b < integers.Length; b++) words[b] = (byte)(integers[b] ^ 0x80);
            }
            panel += BlockBytes(type, count);
        }
    }

    /// <summary>Row j of a panel, dequantised.</summary>
    public static void CopyRow(ElementType type, byte* panel, int j, int columns, float* y)
    {
        int elements = type.BlockElements();
        for (int begin = 0; begin < columns; begin += elements)
        {
            int count = Math.Min(elements, columns - begin);
            if (IsK(type))
            {
                KQuantRows.Copy(type, panel, j, y + begin);
                panel += KQuantRows.ChunkBytes(type);
                continue;
            }
            float d = type == ElementType.I8_256 ? ((float*)panel)[j] : Float16Format.Widen(((ushort*)panel)[CpuWeight.PairedIndex(j)]);
            byte* words = panel + ScaleBytes(type) + (4 * j);
            for (int c = 0; c < count; c++)
                y[begin + c] = d * (type == ElementType.Q4_0
                    ? ((words[(c / 8 * GroupBytes) + (c % 4)] >> (c & 4)) & 15) - 8
                    : words[(c / 4 * GroupBytes) + (c % 4)] - 128);
            panel += BlockBytes(type, count);
        }
    }

    private static bool IsK(ElementType type) => type is ElementType.Q4_K or ElementType.Q6_K;

    private static int ScaleBytes(ElementType type) => type == ElementType.I8_256 ? PanelI8_256.ScaleBytes : PanelQ8_0.ScaleBytes;

    private static nint BlockBytes(ElementType type, int count) => ScaleBytes(type) + ((count + 3) / 4 * GroupBytes / (type == ElementType.Q4_0 ? 2 : 1));

    private static int PackScale(ElementType type, ReadOnlySpan<byte> block, byte* panel, int j)
    {
        if (type == ElementType.I8_256) ((float*)panel)[j] = BinaryPrimitives.ReadSingleLittleEndian(block);
        else ((ushort*)panel)[CpuWeight.PairedIndex(j)] = BinaryPrimitives.ReadUInt16LittleEndian(block);
        return ScaleBytes(type);
    }
}
