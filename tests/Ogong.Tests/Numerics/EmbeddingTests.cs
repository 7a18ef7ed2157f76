using System.Runtime.InteropServices;
using System.Security.Cryptography;
using NUnit.Framework;
using Ogong.Numerics;

namespace Ogong.Tests.Numerics;

internal sealed class EmbeddingTests
{
    [Test]
    public void Every_value_of_a_timestep_is_the_correctly_rounded_one()
    {
        var random = new Random(4);
        float[] row = new float[TimestepEmbedding.Width];
        foreach (float timestep in new[] { 0, 1, 999, 0.5f, 832.5f, 904.77916f, 1e-3f, 1e-12f, 1.2e-38f, float.Epsilon, 16777215f, 65537.25f, 0.7800001f, 1e-40f })
        {
            TimestepEmbedding.Fill(timestep, row);
            for (int n = 0; n < 12; n++)
            {
                int i = n < 2 ? 127 * n : random.Next(128);
                Real angle = (Real)timestep * Power(i, 127);
                angle = new Real(angle.Units % (2 * Oracle.Pi));
                Assert.That((row[i], row[128 + i]), Is.EqualTo((Real.Cos(angle).Nearest, Real.Sin(angle).Nearest)), $"timestep {timestep:R}, index {i}");
            }
        }
    }

    [Test]
    public void Slow_and_fast_arithmetic_agree_on_fractions_of_timesteps()
    {
        var angles = new AngleTable(AngleTable.Powers(10000, 128, 127));
        var random = new Random(8);
        for (int n = 0; n < 3000; n++)
        {
            float position = random.NextSingle() * MathF.ScaleB(1, random.Next(-30, 25));
            int i = random.Next(128);
            (uint significand, int exponent) = AngleTable.Split(position);
            Assert.That(angles.Entry(position, i), Is.EqualTo(angles.Decide(significand, exponent, i)), $"{position:R}, {i}");
        }
    }

    [Test]
    public void Timesteps_out_of_range_are_refused([Values(-1f, float.NaN, float.PositiveInfinity, 16777216f)] float timestep) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => TimestepEmbedding.Fill(timestep, new float[256]));

    [Test]
    public void An_image_has_columns_before_rows_and_sines_before_cosines()
    {
        const int width = 24, rows = 5, columns = 3;
        float[] table = PositionEmbedding.Build(width, [rows, columns]);
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < columns; c++)
                for (int j = 0; j < 6; j++)
                {
                    int at = ((r * columns) + c) * width;
                    double f = Math.Pow(10000, -j / 6.0);
                    float[] found = [table[at + j], table[at + 6 + j], table[at + 12 + j], table[at + 18 + j]];
                    Assert.That(found, Is.EqualTo(new[] { Math.Sin(c * f), Math.Cos(c * f), Math.Sin(r * f), Math.Cos(r * f) }).Within(6e-8), $"row {r}, column {c}, {j}");
                }
    }

    [Test]
    public void Sounds_have_one_coordinate_and_films_three()
    {
        float[] sound = PositionEmbedding.Build(8, [7]), film = PositionEmbedding.Build(32, [2, 3, 4]), frames = PositionEmbedding.Build(8, [2]), lines = PositionEmbedding.Build(12, [4]);
        for (int i = 0; i < 7; i++)
            for (int j = 0; j < 4; j++)
                Assert.That((sound[(i * 8) + j], sound[(i * 8) + 4 + j]), Is.EqualTo(((float)Math.Sin(i * Math.Pow(10, -j)), (float)Math.Cos(i * Math.Pow(10, -j)))).Within(6e-8));
        for (int token = 0; token < 24; token++)
        {
            (int frame, int row, int column) = (token / 12, token / 4 % 3, token % 4);
            float[] expected = [.. frames[(frame * 8)..][..8], .. lines[(column * 12)..][..12], .. lines[(row * 12)..][..12]];
            Assert.That(film[(token * 32)..][..32], Is.EqualTo(expected), $"token {token}");
        }
    }

    [Test]
    public void Positions_are_correctly_rounded()
    {
        float[] table = PositionEmbedding.Build(1152, [64]);
        var random = new Random(6);
        for (int n = 0; n < 100; n++)
        {
            int p = random.Next(64), j = random.Next(576);
            Real angle = p * Power(j, 576);
            angle = new Real(angle.Units % (2 * Oracle.Pi));
            Assert.That((table[(p * 1152) + j], table[(p * 1152) + 576 + j]), Is.EqualTo((Real.Sin(angle).Nearest, Real.Cos(angle).Nearest)), $"position {p}, index {j}");
        }
    }

    [Test]
    public void Shapes_that_do_not_divide_up_are_refused()
    {
        Assert.Multiple(() =>
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => PositionEmbedding.Build(7, [4]));
            Assert.Throws<ArgumentOutOfRangeException>(() => PositionEmbedding.Build(10, [4, 4]));
            Assert.Throws<ArgumentOutOfRangeException>(() => PositionEmbedding.Build(24, [4, 4, 4]));
            Assert.Throws<ArgumentOutOfRangeException>(() => PositionEmbedding.Build(16, [4, 0]));
            Assert.Throws<ArgumentOutOfRangeException>(() => PositionEmbedding.Build(16, []));
            Assert.Throws<ArgumentOutOfRangeException>(() => PositionEmbedding.Build(16, [1, 1, 1, 1]));
            Assert.Throws<ArgumentOutOfRangeException>(() => TimestepEmbedding.Fill(1, new float[255]));
        });
    }

    [Test]
    public void One_digest_pins_every_bit()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        float[] row = new float[TimestepEmbedding.Width];
        for (int t = 0; t < 400; t++)
        {
            TimestepEmbedding.Fill(t * 2.515625f, row);
            hash.AppendData(MemoryMarshal.AsBytes(row.AsSpan()));
        }
        foreach (int[] sizes in new int[][] { [50], [9, 7], [3, 4, 5] }) hash.AppendData(MemoryMarshal.AsBytes(PositionEmbedding.Build(48, sizes).AsSpan()));
        Assert.That(Convert.ToHexStringLower(hash.GetHashAndReset()), Is.EqualTo("cb341f1ef1d407138f834534c2eb9126330554775685ec59e36dbf2212629b6b"));
    }

    // 10000^(−i/n)
    private static Real Power(int i, int n) => Real.Exp(-(Real.Ln(10000) * i / n));
}
