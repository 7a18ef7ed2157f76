using System.Buffers.Binary;
using NUnit.Framework;
using Ogong.Signatures;

namespace Ogong.Tests.Signatures;

internal sealed class MLDsaArithmeticTests
{
    private const int Q = 8380417;
    private const int N = 256;

    private static int[] Random(Random random, int length, int low, int high) => [.. Enumerable.Range(0, length).Select(_ => random.Next(low, high + 1))];

    /// <summary>INTT(NTT(a) ∘ NTT(b)) is the product modulo X^256 + 1, whose coefficients come from the definition.</summary>
    [Test]
    public void TransformsMultiplyPolynomials()
    {
        var random = new Random(1);
        int[][] operands =
        [
            Random(random, N, 1 - Q, Q - 1), Random(random, N, 1 - Q, Q - 1), [.. Enumerable.Repeat(Q - 1, N)], [.. Enumerable.Repeat(1 - Q, N)],
            [1, .. new int[N - 1]], [.. new int[N - 1], 1],
        ];
        foreach (var a in operands)
        {
            foreach (var b in operands)
            {
                int[] left = [.. a], right = [.. b], product = new int[N];
                Ntt.Forward(left);
                Ntt.Forward(right);
                Assert.That(left, Has.All.InRange(-(9 * Q) + 1, (9 * Q) - 1));
                Ntt.Multiply(left, right, product);
                Ntt.Inverse(product);
                Assert.That(product, Has.All.InRange(1 - Q, Q - 1));
                Assert.That(product.Select(Canonical), Is.EqualTo(Schoolbook(a, b)));
            }
        }
    }

    /// <summary>Every width of vector gives the very coefficients of the plain loops.</summary>
    [Test]
    public void VectorTransformsEqualPlainLoops()
    {
        var random = new Random(2);
        for (var i = 0; i < 50; i++)
        {
            var input = Random(random, 4 * N, 1 - Q, Q - 1);
            int[] forward = [.. input], plainForward = [.. input], inverse = [.. input], plainInverse = [.. input];
            Ntt.Forward(forward);
            Ntt.Inverse(inverse);
            for (var at = 0; at < input.Length; at += N)
            {
                Ntt.ForwardScalar(plainForward.AsSpan(at, N));
                Ntt.InverseScalar(plainInverse.AsSpan(at, N));
            }
            Assert.That(forward, Is.EqualTo(plainForward));
            Assert.That(inverse, Is.EqualTo(plainInverse));
        }
    }

    [Test]
    public void ProductsAreReducedAtTheEdgesOfTheirRange()
    {
        var random = new Random(3);
        foreach (var magnitude in new[] { Q - 1, (9 * Q) - 1 })
        {
            int[] row = [.. Enumerable.Repeat(Q - 1, 2 * N), .. Enumerable.Repeat(1 - Q, N), .. Random(random, N, 1 - Q, Q - 1)];
            int[] v = [.. Enumerable.Repeat(magnitude, 3 * N), .. Random(random, N, -magnitude, magnitude)];
            var result = new int[N];
            Ntt.Dot(row, v, result);
            var expected = new int[N];
            for (var j = 0; j < N; j++)
            {
                var sum = Enumerable.Range(0, 4).Sum(i => (long)row[(i * N) + j] * v[(i * N) + j]);
                expected[j] = Canonical(result[j]);
                Assert.That(Mod((long)expected[j] << 32, Q), Is.EqualTo(Mod(sum, Q)));
            }
            var difference = Random(random, N, 1 - Q, Q - 1);
            int[] start = [.. difference];
            Ntt.SubtractProduct(row.AsSpan(0, N), v.AsSpan(0, N), difference);
            for (var j = 0; j < N; j++)
                Assert.That(Mod((long)(difference[j] - start[j]) << 32, Q), Is.EqualTo(Mod(-(long)row[j] * v[j], Q)));
            Assert.That(difference, Has.All.InRange(1 - Q, Q - 1));
        }
    }

    /// <summary>Power2Round, Decompose and UseHint for every residue, against their definitions with divisions.</summary>
    [Test]
    public void RoundingFollowsItsDefinitionForEveryResidue()
    {
        const int gamma2 = (Q - 1) / 88;
        for (var r = 0; r < Q; r++)
        {
            var t1 = Rounding.Power2Round(r, out var t0);
            var low = r % 8192;
            low = low > 4096 ? low - 8192 : low;
            if (t0 != low || t1 != (r - low) / 8192)
                Assert.Fail($"Power2Round({r})");

            var r1 = Rounding.Decompose(r, out var r0);
            var expected0 = r % (2 * gamma2);
            expected0 = expected0 > gamma2 ? expected0 - (2 * gamma2) : expected0;
            var expected1 = (r - expected0) / (2 * gamma2);
            if (r - expected0 == Q - 1)
                (expected1, expected0) = (0, expected0 - 1);
            if (r1 != expected1 || r0 != expected0)
                Assert.Fail($"Decompose({r})");

            var moved = r0 > 0 ? (r1 + 1) % 44 : (r1 + 43) % 44;
            if (Rounding.UseHint(0, r) != r1 || Rounding.UseHint(1, r) != moved)
                Assert.Fail($"UseHint({r})");
        }
    }

    /// <summary>The hint tells whether adding z to r changes the high bits (MakeHint), and UseHint then finds them.</summary>
    [Test]
    public void HintsRecoverTheHighBits()
    {
        const int gamma2 = (Q - 1) / 88;
        var random = new Random(4);
        var ones = 0;
        for (var i = 0; i < 200_000; i++)
        {
            // r = w − cs2 + ct0 as the verifier knows it, z = −ct0
            var w = i < 1000 ? (i % 45 * 2 * gamma2) + random.Next(-2, 3) : random.Next(Q);
            w = Canonical(w);
            var z = random.Next(1 - gamma2, gamma2);
            z = i % 3 == 0 ? (i % 2 == 0 ? gamma2 - 1 : 1 - gamma2) : z;
            var high = Rounding.Decompose(w, out var low);
            var hint = Rounding.MakeHint(low - z, high);
            var r = Canonical(w - z);
            Assert.That(hint, Is.EqualTo(Rounding.Decompose(r, out _) == high ? 0 : 1), $"w {w}, z {z}");
            Assert.That(Rounding.UseHint(hint, r), Is.EqualTo(high), $"w {w}, z {z}");
            ones += hint;
        }
        Assert.That(ones, Is.InRange(10_000, 190_000));
    }

    [Test]
    public void ReductionsKeepTheResidue()
    {
        var random = new Random(5);
        for (var i = 0; i < 100_000; i++)
        {
            var a = random.Next(-(1 << 30), 1 << 30);
            var reduced = Ntt.Reduce(a);
            Assert.That(Mod(reduced, Q), Is.EqualTo(Mod(a, Q)));
            Assert.That(reduced, Is.InRange(-6283008, 6283008));
            var small = random.Next(-(1 << 20) + 1, 1 << 20);
            foreach (var multiple in new[] { -1, 0, 1 })
                Assert.That(Ntt.Reduce(small + (multiple * Q)), Is.EqualTo(small));
        }
    }

    [TestCase(3, 2)]
    [TestCase(6, 0)]
    [TestCase(10, 0)]
    [TestCase(13, 4096)]
    [TestCase(18, 131072)]
    public void PackingIsTheLittleEndianBitString(int bits, int upper)
    {
        var random = new Random(bits);
        var below = upper != 0;
        var w = below ? Random(random, 4 * N, upper - (1 << bits) + 1, upper) : Random(random, 4 * N, 0, (1 << bits) - 1);
        var packed = new byte[4 * N * bits / 8];
        var unpacked = new int[4 * N];
        if (below)
        {
            Packing.PackBelow(w, bits, upper, packed);
            Packing.UnpackBelow(packed, bits, upper, unpacked);
        }
        else
        {
            Packing.PackUnsigned(w, bits, packed);
            Packing.UnpackUnsigned(packed, bits, unpacked);
        }
        Assert.That(unpacked, Is.EqualTo(w));
        for (var bit = 0; bit < 8 * packed.Length; bit++)
        {
            var value = below ? upper - w[bit / bits] : w[bit / bits];
            if (((packed[bit >> 3] >> (bit & 7)) & 1) != ((value >> (bit % bits)) & 1))
                Assert.Fail($"bit {bit}");
        }
    }

    [Test]
    public void OnlyCanonicalHintsUnpack()
    {
        var hint = new int[4 * N];
        var packed = new byte[84];
        hint[3] = hint[9] = hint[N + 200] = hint[(3 * N) + 255] = 1;
        Packing.PackHint(hint, packed);
        var unpacked = new int[4 * N];
        Assert.That(Packing.TryUnpackHint(packed, unpacked));
        Assert.That(unpacked, Is.EqualTo(hint));
        Assert.Multiple(() =>
        {
            Assert.That(Refused(p => (p[0], p[1]) = (p[1], p[0])), "descending positions");
            Assert.That(Refused(p => p[1] = p[0]), "a repeated position");
            Assert.That(Refused(p => p[81] = 1), "a falling count");
            Assert.That(Refused(p => p[83] = 81), "a count above ω");
            Assert.That(Refused(p => p[79] = 1), "a byte after the last position");
            Assert.That(Refused(p => p[83] = 3), "a position no count covers");
        });

        bool Refused(Action<byte[]> change)
        {
            byte[] changed = [.. packed];
            change(changed);
            return !Packing.TryUnpackHint(changed, unpacked);
        }
    }

    [Test]
    public void NormsAreReachedAtTheBound()
    {
        foreach (var value in new[] { 99, -99, 100, -100, 101, -101, int.MaxValue / 2, -(int.MaxValue / 2) })
        {
            var vector = new int[N];
            vector[77] = value;
            Assert.That(Rounding.NormReaches(vector, 100), Is.EqualTo(Math.Abs(value) >= 100), $"{value}");
        }
    }

    /// <summary>The samplers that run several sponges side by side give what one sponge after the other gives.</summary>
    [Test]
    public void MatrixAndMaskAreTheDefinitionsStreams()
    {
        var seed = new byte[64];
        new Random(6).NextBytes(seed);
        var matrix = new int[16 * N];
        Sampling.ExpandA(seed.AsSpan(0, 32), matrix);
        for (var i = 0; i < 16; i++)
        {
            var shake = Shake.Create128();
            shake.Absorb(seed.AsSpan(0, 32));
            shake.Absorb([(byte)(i % 4), (byte)(i / 4)]);
            var three = new byte[3];
            for (var j = 0; j < N;)
            {
                shake.Squeeze(three);
                var value = three[0] | (three[1] << 8) | ((three[2] & 0x7F) << 16);
                if (value < Q)
                    Assert.That(matrix[(i * N) + j++], Is.EqualTo(value));
            }
        }

        var y = new int[4 * N];
        Sampling.ExpandMask(seed, 0x1234, y);
        for (var i = 0; i < 4; i++)
        {
            var index = new byte[2];
            BinaryPrimitives.WriteUInt16LittleEndian(index, (ushort)(0x1234 + i));
            var shake = Shake.Create256();
            shake.Absorb(seed);
            shake.Absorb(index);
            var bytes = new byte[576];
            shake.Squeeze(bytes);
            var expected = new int[N];
            Packing.UnpackBelow(bytes, 18, 1 << 17, expected);
            Assert.That(y.AsSpan(i * N, N).ToArray(), Is.EqualTo(expected));
        }
    }

    private static int[] Schoolbook(int[] a, int[] b)
    {
        var product = new long[N];
        for (var i = 0; i < N; i++)
        {
            for (var j = 0; j < N; j++)
            {
                var term = Mod((long)a[i] * b[j], Q);
                product[(i + j) % N] += i + j < N ? term : -term;
            }
        }
        return [.. product.Select(coefficient => (int)Mod(coefficient, Q))];
    }

    private static int Canonical(int a) => (int)Mod(a, Q);

    private static long Mod(long a, long modulus) => ((a % modulus) + modulus) % modulus;
}
