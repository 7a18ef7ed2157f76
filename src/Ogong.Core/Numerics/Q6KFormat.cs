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
    private const int Groups = Elements / Group;
    private const int LeastScale = sbyte.MinValue;
    private const int LeastQuant = -32;

    /// <summary>The elements of one block.</summary>
    public static void Widen(ReadOnlySpan<byte> block, Span<float> values)
    {
        float d = Float16Format.Widen(BinaryPrimitives.ReadUInt16LittleEndian(block[Scale..]));
        for (int i = 0; i < Elements; i++) values[i] = d * ScaleOf(block, i) * (Quant(block, i) - 32);
    }

    /// <summary>
    /// Quantises 256 finite values for the least squared error, all elements weighing the same, in binary64, each operation rounding by itself and
    /// sums running upwards. Every group is fitted on its own (<see cref="Fit"/>); d is the first scale of largest magnitude over −128, rounded to
    /// binary16; then every group takes the integer s, at most one from the nearest, and q = rint(x·(1/(d·s))) + 32 that leave the least error;
    /// the first where several do, tried as the nearest, one less, one more.
    /// </summary>
    public static void Round(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<double> scales = stackalloc double[Groups];
        double largest = 0;
        for (int group = 0; group < Groups; group++)
        {
            scales[group] = Fit(values.Slice(group * Group, Group));
            if (Math.Abs(scales[group]) > Math.Abs(largest)) largest = scales[group];
        }
        var d = (Half)(largest / LeastScale);
        block[..Bytes].Clear();
        BinaryPrimitives.WriteHalfLittleEndian(block[Scale..], d);
        if (!Half.IsFinite(d)) return;
        for (int group = 0; group < Groups; group++)
        {
            ReadOnlySpan<float> x = values.Slice(group * Group, Group);
            int s = Nearest(x, scales[group], (double)d);
            block[Scales + group] = unchecked((byte)s);
            for (int i = 0; i < Group; i++) SetQuant(block, (group * Group) + i, Quantize(x[i], BlockScale.Inverse((double)d * s)) - LeastQuant);
        }
    }

    /// <summary>
    /// The real scale of a group: with m its first element of largest magnitude, for k = 31, 31¼, …, 33, q = rint(x·(−k/m)), from −32 to 31, and the line
    /// s·q through (q, x) by least squares. The first k is taken whose line leaves the least error, that is, for which s·Σqx is largest.
    /// </summary>
    private static double Fit(ReadOnlySpan<float> x)
    {
        double extreme = 0;
        foreach (float value in x)
            if (MathF.Abs(value) > Math.Abs(extreme)) extreme = value;
        if (extreme == 0) return 0;
        double most = double.NegativeInfinity, scale = 0;
        for (int quarters = 124; quarters <= 132; quarters++)
        {
            double inverse = quarters / -4.0 / extreme, qx = 0;
            int q2 = 0;
            foreach (float value in x)
            {
                int q = Quantize(value, inverse);
                (q2, qx) = (q2 + (q * q), qx + (q * value));
            }
            double s = qx / q2, explained = s * qx;
            if (explained > most) (most, scale) = (explained, s);
        }
        return scale;
    }

    private static int Nearest(ReadOnlySpan<float> x, double scale, double d)
    {
        int s0 = (int)Math.Clamp(Math.Round(scale * BlockScale.Inverse(d)), LeastScale, sbyte.MaxValue), best = 0;
        double least = double.PositiveInfinity;
        foreach (int s in (ReadOnlySpan<int>)[s0, s0 - 1, s0 + 1])
        {
            if (s is < LeastScale or > sbyte.MaxValue) continue;
            double step = d * s, inverse = BlockScale.Inverse(step), error = 0;
            foreach (float value in x)
            {
                double difference = value - (step * Quantize(value, inverse));
                error += difference * difference;
            }
            if (error < least) (least, best) = (error, s);
        }
        return best;
    }

    private static int Quantize(double value, double inverse) => unchecked((int)Math.Clamp(Math.Round(value * inverse), LeastQuant, -LeastQuant - 1));

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

    /// <summary>Adds the six bits of element i to bytes that were zero.</summary>
    private static void SetQuant(Span<byte> block, int i, int quant)
    {
        int half = i / 128, k = i % 128 / 32, j = i % 32;
        block[(64 * half) + (32 * (k % 2)) + j] |= (byte)((quant & 15) << (k < 2 ? 0 : 4));
        block[Upper + (32 * half) + j] |= (byte)(quant >> 4 << (2 * k));
    }
}
