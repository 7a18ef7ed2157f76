using System.Runtime.InteropServices;
using Ogong.Compute;

namespace Ogong.Cli.Bench;

/// <summary>A weight matrix of arbitrary but reproducible values in [−scale, scale], made when read and never stored.</summary>
internal sealed class SyntheticTensor(string name, ElementType type, int rows, int columns, float scale) : ITensorSource
{
    public string Name => name;

    public ElementType Type => type;

    public int Rows => rows;

    public int Columns => columns;

    public ReadOnlySpan<byte> ReadRows(int first, int count)
    {
        byte[] bytes = new byte[checked((int)(count * type.RowBytes(columns)))];
        ulong state = (ulong)first * (ulong)columns;
        if (type.IsBlock())
        {
            float[] row = new float[columns];
            for (Span<byte> left = bytes; !left.IsEmpty; left = left[(int)type.RowBytes(columns)..])
            {
                foreach (ref float value in row.AsSpan()) value = Next(ref state, scale);
                ElementStorage.Round(type, row, left[..(int)type.RowBytes(columns)]);
            }
            return bytes;
        }
        if (type == ElementType.F32)
        {
            foreach (ref float value in MemoryMarshal.Cast<byte, float>(bytes.AsSpan())) value = Next(ref state, scale);
            return bytes;
        }
        foreach (ref ushort value in MemoryMarshal.Cast<byte, ushort>(bytes.AsSpan()))
        {
            float wide = Next(ref state, scale);
            value = type == ElementType.BF16 ? (ushort)(BitConverter.SingleToUInt32Bits(wide) >> 16) : BitConverter.HalfToUInt16Bits((Half)wide);
        }
        return bytes;
    }

    /// <summary>Element number <paramref name="state"/> of a fixed sequence (a multiplicative hash of the number), which it advances.</summary>
    internal static float Next(ref ulong state, float scale)
    {
        ulong hash = unchecked(++state * 0x9E37_79B9_7F4A_7C15);
        hash = unchecked((hash ^ (hash >> 29)) * 0xBF58_476D_1CE4_E5B9);
        return ((int)(hash >> 40) - (1 << 23)) * (scale / (1 << 23));
    }
}
