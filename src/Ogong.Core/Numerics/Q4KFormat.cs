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
    private const int Groups = Elements / Group;
    private const int MostQuant = 15;
    private const int MostScale = 63;

    /// <summary>The elements of one block.</summary>
    public static void Widen(ReadOnlySpan<byte> block, Span<float> values)
    {
        float d = Float16Format.Widen(BinaryPrimitives.ReadUInt16LittleEndian(block));
        float dmin = Float16Format.Widen(BinaryPrimitives.ReadUInt16LittleEndian(block[2..]));
        for (int group = 0; group < Groups; group++)
        {
            (int s, int m) = ScaleAndMinimum(block[Scales..Quants], group);
            float scale = d * s, minimum = dmin * m;
            for (int i = group * Group; i < (group + 1) * Group; i++) values[i] = (scale * Quant(block, i)) - minimum;
        }
    }

    /// <summary>
    /// Quantises 256 finite values for the least squared error, all elements weighing the same, in binary64, each operation rounding by itself and
    /// sums running upwards. Every group is fitted on its own (<see cref="Fit"/>); d and dmin are a 63rd of the largest scale and minimum, rounded
    /// to binary16; then every group takes the integers (s, m), each at most one from the nearest, and q = rint((x + dmin·m)·(1/(d·s))), at most 15,
    /// that leave the least error; the first where several do, s and m each tried as the nearest, one less, one more.
    /// </summary>
    public static void Round(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<double> scales = stackalloc double[Groups], minima = stackalloc double[Groups];
        double scale = 0, minimum = 0;
        for (int group = 0; group < Groups; group++)
        {
            (scales[group], minima[group]) = Fit(values.Slice(group * Group, Group));
            (scale, minimum) = (Math.Max(scale, scales[group]), Math.Max(minimum, minima[group]));
        }
        Half d = (Half)(scale / MostScale), dmin = (Half)(minimum / MostScale);
        block[..Bytes].Clear();
        BinaryPrimitives.WriteHalfLittleEndian(block, d);
        BinaryPrimitives.WriteHalfLittleEndian(block[2..], dmin);
        if (!Half.IsFinite(d) || !Half.IsFinite(dmin)) return;
        for (int group = 0; group < Groups; group++)
        {
            ReadOnlySpan<float> x = values.Slice(group * Group, Group);
            (int s, int m) = Nearest(x, scales[group], minima[group], (double)d, (double)dmin);
            SetScaleAndMinimum(block[Scales..Quants], group, s, m);
            for (int i = 0; i < Group; i++)
                block[Quants + (group / 2 * Group) + i] |= (byte)(Quantize(x[i], (double)dmin * m, BlockScale.Inverse((double)d * s)) << (group % 2 * 4));
        }
    }

    /// <summary>
    /// The real scale and minimum of a group: with low the least of its elements and 0, for k = 14, 14¼, …, 16, q = rint((x − low)·(k/(max − low))),
    /// at most 15, and the line s·q − m through (q, x) by least squares, through the origin where m would be negative or all q are equal. The first k
    /// is taken whose line leaves the least error, that is, for which s·Σqx − m·Σx is largest. Where all elements are the same x ≤ 0, s = 0, m = −x.
    /// </summary>
    private static (double Scale, double Minimum) Fit(ReadOnlySpan<float> x)
    {
        double low = 0, high = double.NegativeInfinity, sum = 0;
        foreach (float value in x) (low, high, sum) = (Math.Min(low, value), Math.Max(high, value), sum + value);
        if (high == low) return (0, -low);
        double most = double.NegativeInfinity, scale = 0, minimum = 0;
        for (int quarters = 56; quarters <= 64; quarters++)
        {
            double inverse = quarters / 4.0 / (high - low), qx = 0;
            int q1 = 0, q2 = 0;
            foreach (float value in x)
            {
                int q = Quantize(value, -low, inverse);
                (q1, q2, qx) = (q1 + q, q2 + (q * q), qx + (q * value));
            }
            double determinant = (Group * q2) - (q1 * q1), s = ((Group * qx) - (q1 * sum)) / determinant, m = ((q1 * qx) - (q2 * sum)) / determinant;
            if (determinant == 0 || m < 0) (s, m) = (qx / q2, 0);
            double explained = (s * qx) - (m * sum);
            if (explained > most) (most, scale, minimum) = (explained, s, m);
        }
        return (scale, minimum);
    }

    private static (int Scale, int Minimum) Nearest(ReadOnlySpan<float> x, double scale, double minimum, double d, double dmin)
    {
        int s0 = (int)Math.Min(MostScale, Math.Round(scale * BlockScale.Inverse(d))), m0 = (int)Math.Min(MostScale, Math.Round(minimum * BlockScale.Inverse(dmin)));
        double least = double.PositiveInfinity;
        (int Scale, int Minimum) best = (0, 0);
        foreach (int s in (ReadOnlySpan<int>)[s0, s0 - 1, s0 + 1])
        {
            foreach (int m in (ReadOnlySpan<int>)[m0, m0 - 1, m0 + 1])
            {
                if (s is < 0 or > MostScale || m is < 0 or > MostScale) continue;
                double step = d * s, offset = dmin * m, inverse = BlockScale.Inverse(step), error = 0;
                foreach (float value in x)
                {
                    double difference = value + offset - (step * Quantize(value, offset, inverse));
                    error += difference * difference;
                }
                if (error < least) (least, best) = (error, (s, m));
            }
        }
        return best;
    }

    private static int Quantize(double value, double offset, double inverse) => unchecked((int)Math.Clamp(Math.Round((value + offset) * inverse), 0, MostQuant));

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

    /// <summary>Adds a group's scale and minimum to bytes that were zero.</summary>
    private static void SetScaleAndMinimum(Span<byte> packed, int group, int scale, int minimum)
    {
        if (group < 4)
        {
            packed[group] |= (byte)scale;
            packed[group + 4] |= (byte)minimum;
            return;
        }
        packed[group + 4] = (byte)((scale & 15) | ((minimum & 15) << 4));
        packed[group - 4] |= (byte)(scale >> 4 << 6);
        packed[group] |= (byte)(minimum >> 4 << 6);
    }
}
