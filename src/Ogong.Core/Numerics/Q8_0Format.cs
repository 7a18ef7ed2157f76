using System.Buffers.Binary;

namespace Ogong.Numerics;

/// <summary>
/// GGUF's Q8_0: 32 elements in 34 bytes, <c>d (binary16, little-endian) ‖ 32 × q (signed byte)</c>, element <c>d·q</c>, which binary32 holds
/// exactly.
/// </summary>
internal static class Q8_0Format
{
    public const int Elements = 32;
    public const int Bytes = 34;

    /// <summary>The elements of one block.</summary>
    public static void Widen(ReadOnlySpan<byte> block, Span<float> values)
    {
        float d = Float16Format.Widen(BinaryPrimitives.ReadUInt16LittleEndian(block));
        for (int i = 0; i < Elements; i++) values[i] = d * unchecked((sbyte)block[2 + i]);
    }

    /// <summary>
    /// Quantises 32 finite values: in binary32 <c>d = div(max |x|, 127)</c>, <c>q = round(mul(x, div(1, d)))</c>, halves away from zero;
    /// d is then stored rounded to nearest even. All q are zero where d is so small that 1/d is no finite number.
    /// </summary>
    public static void Round(ReadOnlySpan<float> values, Span<byte> block)
    {
        float largest = 0;
        for (int i = 0; i < Elements; i++) largest = MathF.Max(largest, MathF.Abs(values[i]));
        float d = largest / 127, inverse = BlockScale.Inverse(d);
        BinaryPrimitives.WriteUInt16LittleEndian(block, Float16Format.Round(d));
        for (int i = 0; i < Elements; i++) block[2 + i] = unchecked((byte)(sbyte)MathF.Round(values[i] * inverse, MidpointRounding.AwayFromZero));
    }
}
