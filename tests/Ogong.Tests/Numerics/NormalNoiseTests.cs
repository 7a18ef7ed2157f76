using System.Runtime.InteropServices;
using System.Security.Cryptography;
using NUnit.Framework;
using Ogong.Numerics;

namespace Ogong.Tests.Numerics;

internal sealed class NormalNoiseTests
{
    private const double Bound = 3.46;

    [Test]
    public void Elements_are_the_words_of_their_counters()
    {
        const ulong seed = 0x0123_4567_89AB_CDEF;
        float[] values = new float[2501];
        NormalNoise.Fill(seed, 3, values);
        for (int i = 0; i < values.Length; i++)
        {
            (uint w0, uint w1, uint w2, uint w3) = Philox4x32.Generate(seed, (uint)i / 4, 3, 0x4E52_4D4C, 0);
            uint word = new[] { w0, w1, w2, w3 }[i % 4];
            Assert.That(Pattern(values[i]), Is.EqualTo(Pattern(NormalNoise.FromWord(word))), $"element {i}");
        }
    }

    [Test]
    public void A_shorter_draw_is_the_start_of_a_longer_one([Values(0, 1, 5, 1023, 1025, 2047)] int length)
    {
        float[] whole = new float[3000], part = new float[length];
        NormalNoise.Fill(9, 1, whole);
        NormalNoise.Fill(9, 1, part);
        Assert.That(part, Is.EqualTo(whole[..length]));
    }

    [Test]
    public void The_sign_is_the_highest_bit_and_the_extremes_are_as_stated()
    {
        Assert.Multiple(() =>
        {
            Assert.That(NormalNoise.FromWord(0), Is.EqualTo(6.33796f).Within(1e-5));
            Assert.That(NormalNoise.FromWord(0x7FFF_FFFF), Is.EqualTo(2.918e-10f).Within(1e-13));
            Assert.That(NormalNoise.FromWord(0xC000_0000), Is.EqualTo(-NormalNoise.FromWord(0x4000_0000)));
        });
    }

    [Test]
    public void Vectors_have_the_bits_of_single_words_where_both_polynomials_are_needed()
    {
        // A draw long enough for some 4000 values beyond the switch between the polynomials.
        float[] values = new float[1 << 22];
        NormalNoise.Fill(77, 0, values);
        int beyond = 0;
        for (int i = 0; i < values.Length; i += 4)
        {
            (uint w0, uint w1, uint w2, uint w3) = Philox4x32.Generate(77, (uint)i / 4, 0, NormalNoise.Tag, 0);
            bool same = Pattern(values[i]) == Pattern(NormalNoise.FromWord(w0)) && Pattern(values[i + 1]) == Pattern(NormalNoise.FromWord(w1))
                && Pattern(values[i + 2]) == Pattern(NormalNoise.FromWord(w2)) && Pattern(values[i + 3]) == Pattern(NormalNoise.FromWord(w3));
            if (!same) Assert.Fail($"elements {i} to {i + 3}");
            if (MathF.Abs(values[i]) > 3.3f) beyond++;
        }
        Assert.That(beyond, Is.GreaterThan(800));
    }

    [Test]
    public void Errors_stay_within_the_stated_bound() => Assert.That(Scan(1009).Error, Is.LessThan(Bound).And.GreaterThan(3));

    // Minutes on two quiet cores; the figure is quoted in docs/exact-arithmetic.md.
    [Test, Explicit("Every word there is; run by name.")]
    public void Largest_error_over_every_word()
    {
        (double error, uint at) = Scan(1);
        TestContext.Out.WriteLine($"{error:F6} ulp at word 0x{at:X8}");
        Assert.That(error, Is.LessThan(Bound));
    }

    [Test]
    public void Arbitrary_precision_agrees_about_the_errors()
    {
        var random = new Random(5);
        for (int n = 0; n < 60; n++)
        {
            uint word = n switch { 0 => 0, 1 => int.MaxValue, < 20 => (uint)random.Next(1 << random.Next(1, 24)), _ => (uint)random.Next() };
            float value = NormalNoise.FromWord(word);
            Assert.That(Oracle.UlpError(value, Quantile(word, value).Units), Is.LessThan(Bound), $"word {word:X8}");
        }
    }

    [Test]
    public void Moments_and_frequencies_are_those_of_the_normal_distribution()
    {
        const int count = 1 << 22, bins = 64;
        float[] values = new float[count];
        NormalNoise.Fill(2026, 0, values);
        double mean = 0, second = 0, third = 0, fourth = 0;
        int[] found = new int[bins];
        double[] edges = [.. Enumerable.Range(1, bins - 1).Select(i => (double)Quantile((i << 6) / (double)(bins << 6)))];
        foreach (double v in values)
        {
            mean += v;
            second += v * v;
            third += v * v * v;
            fourth += v * v * v * v;
            int bin = Array.BinarySearch(edges, v);
            found[bin < 0 ? ~bin : bin]++;
        }
        double expected = (double)count / bins, chiSquare = found.Sum(n => (n - expected) * (n - expected) / expected), root = Math.Sqrt(count);
        Assert.Multiple(() =>
        {
            // Four standard deviations each; variances of z, z², z³, z⁴ are 1, 2, 15, 96.
            Assert.That(mean / count, Is.EqualTo(0).Within(4 / root));
            Assert.That(second / count, Is.EqualTo(1).Within(4 * Math.Sqrt(2) / root));
            Assert.That(third / count, Is.EqualTo(0).Within(4 * Math.Sqrt(15) / root));
            Assert.That(fourth / count, Is.EqualTo(3).Within(4 * Math.Sqrt(96) / root));
            // χ² of 63 degrees: mean 63, deviation √126.
            Assert.That(chiSquare, Is.EqualTo(63).Within(4 * Math.Sqrt(126)));
        });
    }

    [Test]
    public void One_digest_pins_every_bit()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        float[] values = new float[100_003];
        foreach (uint draw in new uint[] { 0, 1, uint.MaxValue })
        {
            NormalNoise.Fill(0xFEDC_BA98_7654_3210, draw, values);
            hash.AppendData(MemoryMarshal.AsBytes(values.AsSpan()));
        }
        for (uint word = 0; word < int.MaxValue; word += 16411) hash.AppendData(BitConverter.GetBytes(NormalNoise.FromWord(word)));
        Assert.That(Convert.ToHexStringLower(hash.GetHashAndReset()), Is.EqualTo("c5b1ee8982c9b53c07cdfb30f39ea469014f5b303ef2c2bcbe46fb09b1c6d671"));
    }

    // The largest error over words below 2³¹ in steps; the sign changes nothing.
    private static (double Error, uint At) Scan(uint stride)
    {
        var gate = new Lock();
        (double Error, uint At) largest = default;
        Parallel.For(0, 128, block =>
        {
            (double Error, uint At) here = default;
            ulong first = (ulong)block << 24, end = first + (1UL << 24);
            for (ulong word = (first + stride - 1) / stride * stride; word < end; word += stride)
                if (Ulps((uint)word) is var error && error > here.Error) here = (error, (uint)word);
            lock (gate)
                if (here.Error > largest.Error) largest = here;
        });
        return largest;
    }

    // The exact quantile by one Newton step from the value: what is left is of the order of the square of 10⁻⁶. Below 4 the area from 0 by its series of positive terms, beyond it the tail by its
    // continued fraction, so that binary64 suffices: its error is below a hundredth of a unit.
    private static double Ulps(uint word)
    {
        double z = NormalNoise.FromWord(word), density = Math.Exp(-0.5 * z * z) / Math.Sqrt(2 * Math.PI), error;
        if (z < 4)
        {
            double sum = z, term = z;
            for (int k = 3; term > sum * 1e-18; k += 2) sum += term *= z * z / k;
            error = ((int.MaxValue - word + 0.5) / 4294967296.0 / density) - sum;
        }
        else
        {
            double fraction = z;
            for (int k = 60; k > 0; k--) fraction = z + (k / fraction);
            error = (1 / fraction) - ((word + 0.5) / 4294967296.0 / density);
        }
        long unit = (BitConverter.DoubleToInt64Bits(z + error) & 0x7FF0_0000_0000_0000) - (23L << 52);
        return Math.Abs(error) / BitConverter.Int64BitsToDouble(unit);
    }

    // Φ⁻¹ by Newton's method in 512 bits: the area between 0 and z is φ(z)·Σ z^(2k+1)/(1·3·…·(2k + 1)).
    private static Real Quantile(uint word, float start) => Quantile(((Real)(int)(int.MaxValue - word) + ((Real)1 / 2)) / (1 << 30) / 4, start);

    private static Real Quantile(Real area, double start)
    {
        Real z = start;
        for (int i = 0; i < 5; i++)
        {
            Real density = Real.Exp(-(z * z) / 2) / Real.Sqrt(2 * new Real(Oracle.Pi)), sum = z, term = z;
            for (int k = 3; !term.Units.IsZero; k += 2)
            {
                term = term * z * z / k;
                sum += term;
            }
            z += (area / density) - sum;
        }
        return z;
    }

    // Quantile of a probability, for the edges of the frequencies.
    private static double Quantile(double probability) => probability == 0.5 ? 0 : probability < 0.5 ? -Quantile(1 - probability) : Quantile((Real)probability - ((Real)1 / 2), 1).Double;

    private static uint Pattern(float value) => BitConverter.SingleToUInt32Bits(value);
}
