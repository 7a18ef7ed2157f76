using System.Buffers.Binary;

namespace Ogong.Numerics;

/// <summary>
/// GGUF's Q6_K: 256 elements in 210 bytes, <c>128 bytes of low halves ‖ 64 bytes of upper bits ‖ 16 × s (signed byte) ‖ d (binary16)</c>,
/// little-endian. Sixteen groups of 16 elements have a scale s; element <c>(d·s)·(q − 32)</c>, which binary32 holds exactly (11 + 7 + 5 bits at
/// most).
/// </summary>
internal static class Q6KFormat
{
    public const int Elements = 256;
    public const int Bytes = 210;

    /// <summary>Where the binary16 scale stands.</summary>
    public const int Scale = 208;

    private const int Upper = 128;
    private const int Scales = 192;
    private const int Group = 16;

    /// <summary>The elements of one block.</summary>
    public static void Widen(ReadOnlySpan<byte> block, Span<float> values)
    {
        float d = Float16Format.Widen(BinaryPrimitives.ReadUInt16LittleEndian(block[Scale..]));
        for (int i = 0; i < Elements; i++) values[i] = d * ScaleOf(block, i) * (Quant(block, i) - 32);
    }

    /// <summary>The scale of the group of element i.</summary>
    public static int ScaleOf(ReadOnlySpan<byte> block, int i) => unchecked((sbyte)block[Scales + (i / Group)]);

    /// <summary>
    /// The six bits of element i. In each half of 128 elements, element 32·k + j (k &lt; 4, j &lt; 32) has its low four bits in byte
    /// 64·half + 32·(k mod 2) + j, low half of the byte for k &lt; 2, and its upper two at bits 2k of upper byte 32·half + j.
    /// </summary>
    public static int Quant(ReadOnlySpan<byte> block, int i)
    {
        int half = i / 128, k = i % 128 / 32, j = i % 32;
        int low = block[(64 * half) + (32 * (k % 2)) + j] >> (k < 2 ? 0 : 4) & 15;
        return low | ((block[Upper + (32 * half) + j] >> (2 * k) & 3) << 4);
    }
}
