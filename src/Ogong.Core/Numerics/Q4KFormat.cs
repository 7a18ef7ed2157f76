using System.Buffers.Binary;

namespace Ogong.Numerics;

/// <summary>
/// GGUF's Q4_K: 256 elements in 144 bytes, <c>d, dmin (binary16) ‖ 12 bytes of scales ‖ 128 bytes of q</c>, little-endian. Eight groups of 32
/// elements have a scale s and a minimum m of 6 bits each; element <c>(d·s)·q − dmin·m</c>. Both products are exact in binary32 (11 + 6 + 4
/// bits at most), so the subtraction rounds once, fused or not.
/// </summary>
internal static class Q4KFormat
{
    public const int Elements = 256;
    public const int Bytes = 144;

    private const int Scales = 4;
    private const int Quants = 16;
    private const int Group = 32;

    /// <summary>The elements of one block.</summary>
    public static void Widen(ReadOnlySpan<byte> block, Span<float> values)
    {
        float d = Float16Format.Widen(BinaryPrimitives.ReadUInt16LittleEndian(block));
        float dmin = Float16Format.Widen(BinaryPrimitives.ReadUInt16LittleEndian(block[2..]));
        for (int group = 0; group < Elements / Group; group++)
        {
            (int s, int m) = ScaleAndMinimum(block[Scales..Quants], group);
            float scale = d * s, minimum = dmin * m;
            for (int i = group * Group; i < (group + 1) * Group; i++) values[i] = (scale * Quant(block, i)) - minimum;
        }
    }

    /// <summary>The four bits of element i. Groups 2n and 2n + 1 are the low and the high halves of the same 32 bytes.</summary>
    public static int Quant(ReadOnlySpan<byte> block, int i)
    {
        int group = i / Group, quants = block[Quants + (group / 2 * Group) + (i % Group)];
        return group % 2 == 0 ? quants & 15 : quants >> 4;
    }

    /// <summary>Scale and minimum of the group of element i.</summary>
    public static (int Scale, int Minimum) ScaleAndMinimumOf(ReadOnlySpan<byte> block, int i) => ScaleAndMinimum(block[Scales..Quants], i / Group);

    /// <summary>
    /// Scale and minimum of a group. Bytes 0 to 3 hold the scales and 4 to 7 the minima of groups 0 to 3 in their low six bits; bytes 8 to 11
    /// hold the low four bits of scale and minimum of groups 4 to 7, whose upper two bits are the upper two of bytes 0 to 3 and 4 to 7.
    /// </summary>
    private static (int Scale, int Minimum) ScaleAndMinimum(ReadOnlySpan<byte> packed, int group) => group < 4
        ? (packed[group] & 63, packed[group + 4] & 63)
        : ((packed[group + 4] & 15) | (packed[group - 4] >> 6 << 4), (packed[group + 4] >> 4) | (packed[group] >> 6 << 4));
}
