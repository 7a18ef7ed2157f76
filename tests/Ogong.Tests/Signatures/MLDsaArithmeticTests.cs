using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
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
                Ntt.Dot(left, right, product);
                Ntt.Inverse(product);
                Assert.That(product, Has.All.InRange(1 - Q, Q - 1));
                Assert.That(product.Select(Canonical), Is.EqualTo(Schoolbook(a, b)));
            }
        }
    }

    /// <summary>The vector code gives the very coefficients of the plain loops.</summary>
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
            int[] dot = new int[N], plainDot = new int[N];
            Ntt.Dot(input, forward, dot);
            Ntt.DotScalar(input, forward, plainDot);
            Assert.That(dot, Is.EqualTo(plainDot));
        }
    }

    /// <summary>A row of verification at its bounds: four products of a residue with a transform below 9q, and one of two transforms.</summary>
    [Test]
    public void ProductsAreReducedAtTheEdgesOfTheirRange()
    {
        var random = new Random(3);
        const int most = (9 * Q) - 1;
        int[] row = [.. Enumerable.Repeat(Q - 1, 3 * N), .. Random(random, N, 1 - Q, Q - 1), .. Enumerable.Repeat(most, N)];
        int[][] operands = [[.. Enumerable.Repeat(most, 5 * N)], [.. Enumerable.Repeat(-most, 5 * N)], Random(random, 5 * N, -most, most)];
        foreach (var v in operands)
        {
            var result = new int[N];
            Ntt.Dot(row, v, result);
            Assert.That(result, Has.All.InRange(1 - Q, Q - 1));
            for (var j = 0; j < N; j++)
            {
                var sum = Enumerable.Range(0, 5).Sum(i => (long)row[(i * N) + j] * v[(i * N) + j]);
                Assert.That(Mod((long)Canonical(result[j]) << 32, Q), Is.EqualTo(Mod(sum, Q)));
            }
        }
        Assert.That(() => Ntt.Dot(row, operands[0].AsSpan(N), new int[N]), Throws.ArgumentException);
    }

    /// <summary>Power2Round, Decompose and UseHint for every residue, and for its negative form, against their definitions with divisions.</summary>
    [Test]
    public void RoundingFollowsItsDefinitionForEveryResidue()
    {
        int[] zero = new int[N], one = [.. Enumerable.Repeat(1, N)], t0 = new int[N], w1 = new int[N];
        for (var start = 0; start < Q; start += N)
        {
            int[] residues = [.. Enumerable.Range(start, N).Select(r => Math.Min(r, Q - 1))];
            int[] t1 = [.. residues], w0 = [.. residues], negative = [.. residues.Select(r => r - Q)];
            int[] unmoved = [.. residues], moved = [.. negative.Select(r => Math.Max(r, 1 - Q))];
            Rounding.Power2Round(t1, t0);
            Rounding.Decompose(w0, w1);
            Rounding.UseHint(zero, unmoved);
            Rounding.UseHint(one, moved);
            for (var i = 0; i < N; i++)
            {
                var r = residues[i];
                var low = r % 8192;
                low = low > 4096 ? low - 8192 : low;
                if (t0[i] != low || t1[i] != (r - low) / 8192)
                    Assert.Fail($"Power2Round({r})");
                var high = Decompose(r, out low);
                if (w1[i] != high || w0[i] != low || unmoved[i] != high)
                    Assert.Fail($"Decompose({r})");
                if (r != 0 && moved[i] != (low > 0 ? (high + 1) % 44 : (high + 43) % 44))
                    Assert.Fail($"UseHint(1, {r})");
            }
        }
    }

    /// <summary>The hint tells whether adding z to r changes the high bits (MakeHint), and UseHint then finds them.</summary>
    [Test]
    public void HintsRecoverTheHighBits()
    {
        const int gamma2 = (Q - 1) / 88;
        var random = new Random(4);
        var total = 0;
        for (var round = 0; round < 800; round++)
        {
            // r = w − cs2 + ct0 as the verifier knows it, z = −ct0
            int[] w = [.. Enumerable.Range(0, N).Select(i => Canonical(round < 10 ? (i % 45 * 2 * gamma2) + random.Next(-2, 3) : random.Next(Q)))];
            int[] z = [.. Enumerable.Range(0, N).Select(i => (i % 3) switch { 0 => gamma2 - 1, 1 => 1 - gamma2, _ => random.Next(1 - gamma2, gamma2) })];
            int[] low = [.. w], high = new int[N], hint = new int[N];
            Rounding.Decompose(low, high);
            var ones = Rounding.MakeHint([.. low.Zip(z, (a, b) => a - b)], high, hint);
            int[] r = [.. w.Zip(z, (a, b) => Canonical(a - b))];
            for (var i = 0; i < N; i++)
            {
                if (hint[i] != (Decompose(r[i], out _) == high[i] ? 0 : 1))
                    Assert.Fail($"w {w[i]}, z {z[i]}");
            }
            Assert.That(ones, Is.EqualTo(hint.Sum()));
            total += ones;
            Rounding.UseHint(hint, r);
            Assert.That(r, Is.EqualTo(high));
        }
        Assert.That(total, Is.InRange(10_000, 190_000));
    }

    [Test]
    public void ReductionsKeepTheResidue()
    {
        var random = new Random(5);
        for (var round = 0; round < 100; round++)
        {
            int[] a = Random(random, N, -(1 << 30), (1 << 30) - 1), b = Random(random, N, -(1 << 29), 1 << 29);
            int[] sum = [.. a], difference = [.. a];
            Rounding.AddReduced(sum, b);
            Rounding.SubtractReduced(difference, b);
            int[] small = Random(random, N, 1 - (1 << 20), (1 << 20) - 1), shifted = [.. small.Select(value => value + (random.Next(-1, 2) * Q))];
            Rounding.AddReduced(shifted, new int[N]);
            int[] canonical = Random(random, N, 1 - Q, Q - 1), addend = Random(random, N, 1 - Q, Q - 1), canonicalSum = [.. canonical];
            Rounding.AddCanonical(canonicalSum, addend);
            Assert.That(shifted, Is.EqualTo(small));
            for (var i = 0; i < N; i++)
            {
                if (Mod(sum[i], Q) != Mod((long)a[i] + b[i], Q) || Mod(difference[i], Q) != Mod((long)a[i] - b[i], Q)
                    || Math.Abs(sum[i]) > 6283008 || Math.Abs(difference[i]) > 6283008
                    || canonicalSum[i] != Mod((long)canonical[i] + addend[i], Q))
                    Assert.Fail($"{a[i]} and {b[i]}, {canonical[i]} and {addend[i]}");
            }
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
        if (upper == MLDsa44.Gamma1)
        {
            Packing.UnpackZ(packed, unpacked);
            Assert.That(unpacked, Is.EqualTo(w));
        }
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

    /// <summary>With one sponge, four or eight side by side, the samplers give what single sponges give one after the other.</summary>
    [Test]
    public void SamplersFollowTheirStreams()
    {
        var seed = new byte[64];
        new Random(6).NextBytes(seed);
        var rho = seed[..32];
        foreach (var matrix in Each(16 * N, (one, four, eight) =>
        {
            Sampling.ExpandA<ulong, Lane1>(rho, one, 4 * N);
            Sampling.ExpandA<Vector256<ulong>, Lane4>(rho, four, 4 * N);
            if (Avx512F.IsSupported)
                Sampling.ExpandA<Vector512<ulong>, Lane8>(rho, eight, 4 * N);
            else
                Sampling.ExpandA(rho, eight, 4 * N);
        }))
        {
            for (var i = 0; i < 16; i++)
            {
                var bytes = Stream(Shake.Create128(), rho, (i % 4) | (i / 4 << 8), 2000);
                var expected = bytes.Chunk(3).Where(chunk => chunk.Length == 3)
                    .Select(three => three[0] | (three[1] << 8) | ((three[2] & 0x7F) << 16)).Where(value => value < Q).Take(N);
                Assert.That(matrix.AsSpan(i * N, N).ToArray(), Is.EqualTo(expected), $"polynomial {i}");
            }
        }
        foreach (var s in Each(8 * N, (one, four, eight) =>
        {
            Sampling.ExpandS<ulong, Lane1>(seed, one);
            Sampling.ExpandS<Vector256<ulong>, Lane4>(seed, four);
            Sampling.ExpandS(seed, eight);
        }))
        {
            for (var i = 0; i < 8; i++)
            {
                var halves = Stream(Shake.Create256(), seed, i, 1000).SelectMany(pair => new[] { pair & 15, pair >> 4 });
                Assert.That(s.AsSpan(i * N, N).ToArray(), Is.EqualTo(halves.Where(half => half < 15).Select(half => 2 - (half % 5)).Take(N)));
            }
        }
        foreach (var y in Each(4 * N, (one, four, eight) =>
        {
            Sampling.ExpandMask<ulong, Lane1>(seed, 0x1234, one);
            Sampling.ExpandMask<Vector256<ulong>, Lane4>(seed, 0x1234, four);
            Sampling.ExpandMask(seed, 0x1234, eight);
        }))
        {
            for (var i = 0; i < 4; i++)
            {
                var expected = new int[N];
                Packing.UnpackBelow(Stream(Shake.Create256(), seed, 0x1234 + i, 576), 18, 1 << 17, expected);
                Assert.That(y.AsSpan(i * N, N).ToArray(), Is.EqualTo(expected));
            }
        }

        static int[][] Each(int length, Action<int[], int[], int[]> fill)
        {
            int[][] results = [new int[length], new int[length], new int[length]];
            fill(results[0], results[1], results[2]);
            return results;
        }

        static byte[] Stream(Shake shake, byte[] seed, int suffix, int size)
        {
            var output = new byte[size];
            shake.Absorb(seed);
            shake.Absorb([(byte)suffix, (byte)(suffix >> 8)]);
            shake.Squeeze(output);
            return output;
        }
    }

    /// <summary>Decompose by its definition.</summary>
    private static int Decompose(int r, out int low)
    {
        const int gamma2 = (Q - 1) / 88;
        low = r % (2 * gamma2);
        low = low > gamma2 ? low - (2 * gamma2) : low;
        if (r - low != Q - 1)
            return (r - low) / (2 * gamma2);
        low--;
        return 0;
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
