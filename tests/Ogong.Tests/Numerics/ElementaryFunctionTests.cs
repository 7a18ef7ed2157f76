using System.Security.Cryptography;
using NUnit.Framework;
using Ogong.Numerics;

namespace Ogong.Tests.Numerics;

internal sealed class ElementaryFunctionTests
{
    private const double ExpBound = 0.892, LogBound = 0.807;

    [Test]
    public void Exp_at_its_edges()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Pattern(ExactMath.Exp(0f)), Is.EqualTo(Pattern(1f)));
            Assert.That(Pattern(ExactMath.Exp(-0f)), Is.EqualTo(Pattern(1f)));
            Assert.That(Pattern(ExactMath.Exp(float.Epsilon)), Is.EqualTo(Pattern(1f)));
            Assert.That(Pattern(ExactMath.Exp(MathF.BitDecrement(-87f))), Is.Zero);
            Assert.That(Pattern(ExactMath.Exp(float.NegativeInfinity)), Is.Zero);
            Assert.That(float.IsNormal(ExactMath.Exp(-87f)));
            Assert.That(ExactMath.Exp(MathF.BitIncrement(88f)), Is.EqualTo(ExactMath.Exp(88f)));
            Assert.That(ExactMath.Exp(float.PositiveInfinity), Is.EqualTo(ExactMath.Exp(88f)));
            Assert.That(ExactMath.Exp(BitConverter.UInt32BitsToSingle(0x7FC0_0001)), Is.NaN);
        });
    }

    [Test]
    public void Log_at_its_edges()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Pattern(ExactMath.Log(1f)), Is.Zero);
            Assert.That(ExactMath.Log(0f), Is.EqualTo(float.NegativeInfinity));
            Assert.That(ExactMath.Log(-0f), Is.EqualTo(float.NegativeInfinity));
            Assert.That(ExactMath.Log(-1f), Is.NaN);
            Assert.That(ExactMath.Log(float.NaN), Is.NaN);
            Assert.That(ExactMath.Log(float.PositiveInfinity), Is.EqualTo(float.PositiveInfinity));
            Assert.That(ExactMath.Log(float.Epsilon), Is.EqualTo(-103.27893f));
        });
    }

    [Test]
    public void One_digest_pins_every_bit_of_both()
    {
        // Every 4099th pattern (a prime): the whole range, subnormals and NaNs included.
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> pair = stackalloc byte[8];
        for (ulong pattern = 0; pattern <= uint.MaxValue; pattern += 4099)
        {
            float x = BitConverter.UInt32BitsToSingle((uint)pattern);
            BitConverter.TryWriteBytes(pair, Canonical(ExactMath.Exp(x)));
            BitConverter.TryWriteBytes(pair[4..], Canonical(ExactMath.Log(x)));
            hash.AppendData(pair);
        }
        Assert.That(Convert.ToHexStringLower(hash.GetHashAndReset()), Is.EqualTo("0063388737d72598e31c1140521c9aa096f134c9911e2f7ef0a9056cac233ecd"));
    }

    // 4 × 10⁹ arguments, two minutes on two quiet cores; the figures are quoted in docs/exact-arithmetic.md.
    [Test, Explicit("Every binary32 there is; run by name.")]
    public void Largest_errors_over_every_argument()
    {
        ((double error, uint at) exp, (double error, uint at) log) = Scan(1);
        TestContext.Out.WriteLine($"exp {exp.error:F6} ulp at 0x{exp.at:X8}, log {log.error:F6} ulp at 0x{log.at:X8}");
        Assert.Multiple(() =>
        {
            Assert.That(exp.error, Is.LessThan(ExpBound));
            Assert.That(log.error, Is.LessThan(LogBound));
        });
    }

    [Test]
    public void Errors_stay_within_the_stated_bounds()
    {
        ((double error, uint _) exp, (double error, uint _) log) = Scan(1009);
        Assert.Multiple(() =>
        {
            Assert.That(exp.error, Is.LessThan(ExpBound).And.GreaterThan(0.8));
            Assert.That(log.error, Is.LessThan(LogBound).And.GreaterThan(0.7));
        });
    }

    [Test]
    public void Arbitrary_precision_agrees_about_the_errors()
    {
        var random = new Random(3);
        for (int n = 0; n < 150; n++)
        {
            float x = (float)((random.NextDouble() * 175) - 87), y = BitConverter.Int32BitsToSingle(random.Next(1, 0x7F80_0000));
            Assert.That(Oracle.UlpError(ExactMath.Exp(x), Oracle.Exp(Oracle.Exact(x))), Is.LessThan(ExpBound), $"exp({x:R})");
            Assert.That(Oracle.UlpError(ExactMath.Log(y), Oracle.Ln(Oracle.Exact(y))), Is.LessThan(LogBound), $"log({y:R})");
        }
    }

    // Binary64's own functions are within a unit of their last place, 2⁻²⁹ of one here.
    private static ((double Error, uint At) Exp, (double Error, uint At) Log) Scan(uint stride)
    {
        var gate = new Lock();
        (double Error, uint At) exp = default, log = default;
        Parallel.For(0, 256, block =>
        {
            (double Error, uint At) e = default, l = default;
            ulong first = (ulong)block << 24, end = first + (1UL << 24);
            for (ulong pattern = (first + stride - 1) / stride * stride; pattern < end; pattern += stride)
            {
                float x = BitConverter.UInt32BitsToSingle((uint)pattern);
                if (x is >= ExactMath.ExpLowest and <= ExactMath.ExpHighest) Raise(ref e, Ulps(ExactMath.Exp(x), Math.Exp(x)), (uint)pattern);
                if (x > 0 && x != 1 && float.IsFinite(x)) Raise(ref l, Ulps(ExactMath.Log(x), Math.Log(x)), (uint)pattern);
            }
            lock (gate)
            {
                Raise(ref exp, e.Error, e.At);
                Raise(ref log, l.Error, l.At);
            }
        });
        return (exp, log);
    }

    private static void Raise(ref (double Error, uint At) largest, double error, uint at)
    {
        if (error > largest.Error) largest = (error, at);
    }

    private static double Ulps(float result, double exact)
    {
        long unit = (BitConverter.DoubleToInt64Bits(exact) & 0x7FF0_0000_0000_0000) - (23L << 52);
        return Math.Abs(result - exact) / BitConverter.Int64BitsToDouble(unit);
    }

    private static uint Pattern(float value) => BitConverter.SingleToUInt32Bits(value);

    private static uint Canonical(float value) => float.IsNaN(value) ? 0x7FC0_0000 : Pattern(value);
}
