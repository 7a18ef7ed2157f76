using System.Runtime.InteropServices;
using System.Security.Cryptography;
using NUnit.Framework;
using Ogong.Numerics;

namespace Ogong.Tests.Numerics;

internal sealed class RopeTableTests
{
    private static readonly RopeScaling Llama31 = new(8, 1, 4, 8192);

    [Test]
    public void Every_entry_is_the_correctly_rounded_value([Values(10000.0, 500000.0, 1e6, 12345.678)] double theta, [Values(2, 16, 64, 96, 128)] int headDim, [Values] bool scaled)
    {
        RopeScaling? scaling = scaled ? Llama31 : null;
        var table = new RopeTable(theta, headDim, scaling);
        var random = new Random(headDim + (int)theta);
        float[] row = new float[headDim];
        for (int n = 0; n < 40; n++)
        {
            int position = random.Next(4) switch { 0 => random.Next(16), 1 => random.Next(4096), 2 => random.Next(1 << 20), _ => random.Next() };
            int i = random.Next(headDim / 2);
            table.Fill(position, row);
            (float cos, float sin) = Oracle.RopeEntry(theta, headDim, scaling, position, i);
            Assert.That((row[i], row[(headDim / 2) + i]), Is.EqualTo((cos, sin)), $"position {position}, index {i}");
        }
    }

    [Test]
    public void The_slow_path_agrees_with_the_fast_one()
    {
        var table = new RopeTable(500000, 128, Llama31);
        var random = new Random(7);
        float[] row = new float[128];
        for (int n = 0; n < 2000; n++)
        {
            int position = random.Next(1 << random.Next(1, 31)), i = random.Next(64);
            table.Fill(position, row);
            Assert.That(table.Decide(position, i), Is.EqualTo((row[i], row[64 + i])), $"position {position}, index {i}");
        }
    }

    [Test]
    public void Extreme_bases_are_rounded_correctly_too()
    {
        foreach (double theta in new[] { 1.0, 1.0000001, 1e30 })
        {
            var scaling = new RopeScaling(1e6, 1e-6, 1e6, 1);
            var table = new RopeTable(theta, 8, scaling);
            float[] row = new float[8];
            foreach (int position in new[] { 0, 1, 2, 1000, int.MaxValue })
            {
                table.Fill(position, row);
                for (int i = 0; i < 4; i++)
                    Assert.That((row[i], row[4 + i]), Is.EqualTo(Oracle.RopeEntry(theta, 8, scaling, position, i)), $"theta {theta}, position {position}, index {i}");
            }
        }
    }

    [Test]
    public void One_digest_pins_every_bit()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((double theta, int headDim, RopeScaling? scaling) in new (double, int, RopeScaling?)[] { (10000, 64, null), (500000, 128, Llama31), (1e6, 96, null) })
            hash.AppendData(MemoryMarshal.AsBytes(new RopeTable(theta, headDim, scaling).Build(1111).AsSpan()));
        Assert.That(Convert.ToHexStringLower(hash.GetHashAndReset()), Is.EqualTo("0929e5b30df17e59d882d63e625b14e00efcd945dd934c3a0d31f8790bc3ab33"));
    }

    [Test]
    public void Rows_may_be_filled_from_any_position()
    {
        var table = new RopeTable(10000, 32);
        float[] whole = table.Build(50), part = new float[20 * 32];
        table.Fill(30, part);
        Assert.That(part, Is.EqualTo(whole[(30 * 32)..]));
    }

    /// <summary>Llama 3.1's, which its GGUF files carry.</summary>
    [Test]
    public void Divisors_are_what_scaling_divides_frequencies_by()
    {
        float[] divisors = RopeTable.Divisors(500000, 128, new RopeScaling(8, 1, 4, 8192));
        for (int i = 0; i < 64; i++)
        {
            double turns = 8192 * Math.Pow(500000, -i / 64.0) / (2 * Math.PI), share = Math.Clamp((turns - 1) / 3, 0, 1);
            Assert.That(divisors[i], Is.EqualTo((float)(1 / (((1 - share) / 8) + share))), $"frequency {i}");
        }
        Assert.That((divisors[0], divisors[^1]), Is.EqualTo((1f, 8f)));
        Assert.Throws<ArgumentOutOfRangeException>(() => RopeTable.Divisors(500000, 128, new RopeScaling(8, 4, 4, 8192)));
    }

    [Test]
    public void Parameters_out_of_range_are_refused()
    {
        Assert.Multiple(() =>
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => _ = new RopeTable(0.5, 64));
            Assert.Throws<ArgumentOutOfRangeException>(() => _ = new RopeTable(double.NaN, 64));
            Assert.Throws<ArgumentOutOfRangeException>(() => _ = new RopeTable(10000, 63));
            Assert.Throws<ArgumentOutOfRangeException>(() => _ = new RopeTable(10000, 0));
            Assert.Throws<ArgumentOutOfRangeException>(() => _ = new RopeTable(10000, 64, new RopeScaling(8, 4, 4, 8192)));
            Assert.Throws<ArgumentOutOfRangeException>(() => _ = new RopeTable(10000, 64, new RopeScaling(double.NaN, 1, 4, 8192)));
            Assert.Throws<ArgumentOutOfRangeException>(() => new RopeTable(10000, 64).Fill(-1, new float[64]));
            Assert.Throws<ArgumentOutOfRangeException>(() => new RopeTable(10000, 64).Fill(0, new float[65]));
        });
    }
}
