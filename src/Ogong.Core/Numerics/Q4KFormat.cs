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

    /// <summary>The elements of one block. Groups 2i and 2i + 1 are the low and the high halves of the same 32 bytes.</summary>
    public static void Widen(ReadOnlySpan<byte> block, Span<float> values)
    {
        float d = Float16Format.Widen(BinaryPrimitives.ReadUInt16LittleEndian(block));
        float dmin = Float16Format.Widen(BinaryPrimitives.ReadUInt16LittleEndian(block[2..]));
        for (int group = 0; group < Elements / Group; group++)
        {
            (int s, int m) = ScaleAndMinimum(block[Scales..Quants], group);
            float scale = d * s, minimum = dmin * m;
            ReadOnlySpan<byte> quants = block.Slice(Quants + (group / 2 * Group), Group);
            for (int i = 0; i < Group; i++) values[(group * Group) + i] = (scale * (group % 2 == 0 ? quants[i] & 15 : quants[i] >> 4)) - minimum;
        }
    }

    /// <summary>
    /// Scale and minimum of a group. Bytes 0 to 3 hold the scales and 4 to 7 the minima of groups 0 to 3 in their low six bits; bytes 8 to 11
    /// hold the low four bits of scale and minimum of groups 4 to 7, whose upper two bits are the upper two of bytes 0 to 3 and 4 to 7.
    /// </summary>
    public static (int Scale, int Minimum) ScaleAndMinimum(ReadOnlySpan<byte> packed, int group) => group < 4
        ? (packed[group] & 63, packed[group + 4] & 63)
        : ((packed[group + 4] & 15) | (packed[group - 4] >> 6 << 4), (packed[group + 4] >> 4) | (packed[group] >> 6 << 4));
}
