using System.Buffers.Binary;

namespace Ogong.Numerics;

/// <summary>
/// GGUF's Q4_0: 32 elements in 18 bytes, <c>d (binary16, little-endian) ‖ 16 bytes</c>. Byte j holds q of element j in its low half and of
/// element j + 16 in its high half; element <c>d·(q − 8)</c>, which binary32 holds exactly.
/// </summary>
internal static class Q4_0Format
{
    public const int Elements = 32;
    public const int Bytes = 18;

    private const int Half = Elements / 2;

    /// <summary>The elements of one block.</summary>
    public static void Widen(ReadOnlySpan<byte> block, Span<float> values)
    {
        float d = Float16Format.Widen(BinaryPrimitives.ReadUInt16LittleEndian(block));
        for (int j = 0; j < Half; j++)
        {
            values[j] = d * ((block[2 + j] & 15) - 8);
            values[j + Half] = d * ((block[2 + j] >> 4) - 8);
        }
    }

    /// <summary>
    /// Quantises 32 finite values: in binary32, with m the first value of largest magnitude, <c>d = div(m, −8)</c>,
    /// <c>q = min(15, ⌊add(mul(x, div(1, d)), 8.5)⌋)</c>; d is then stored rounded to nearest even. So m itself becomes −8·d, on the side
    /// that has one step more. The product is rounded before the addition (an implementation that fuses them differs in ties).
    /// </summary>
    public static void Round(ReadOnlySpan<float> values, Span<byte> block)
    {
        float most = 0;
        for (int i = 0; i < Elements; i++)
            if (MathF.Abs(values[i]) > MathF.Abs(most)) most = values[i];
        float d = most / -8, inverse = BlockScale.Inverse(d);
        BinaryPrimitives.WriteUInt16LittleEndian(block, Float16Format.Round(d));
        for (int j = 0; j < Half; j++) block[2 + j] = (byte)(Quantize(values[j], inverse) | (Quantize(values[j + Half], inverse) << 4));
    }

    /// <summary>x/d is within [−8, 8] but for rounding, so the sum is positive and truncation is the floor.</summary>
    private static int Quantize(float value, float inverse)
    {
        float scaled = value * inverse;
        return Math.Min(15, (int)(scaled + 8.5f));
    }
}
