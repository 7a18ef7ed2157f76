using System.Globalization;
using System.Numerics;
using NUnit.Framework;
using Ogong.Signatures;

namespace Ogong.Tests.Signatures;

/// <summary>The field, the scalars and the group against plain big-integer arithmetic.</summary>
internal sealed class Ed25519ArithmeticTests
{
    private static readonly BigInteger P = BigInteger.Pow(2, 255) - 19;
    private static readonly BigInteger L = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493", CultureInfo.InvariantCulture);

    private static IEnumerable<BigInteger> Interesting(BigInteger modulus, int seed)
    {
        BigInteger[] edges = [0, 1, 2, 18, 19, modulus - 1, modulus, modulus + 1, (BigInteger.One << 255) - 1, (BigInteger.One << 51) - 1, BigInteger.One << 204];
        var random = new Random(seed);
        var bytes = new byte[32];
        foreach (var edge in edges)
            yield return edge;
        for (var i = 0; i < 40; i++)
        {
            random.NextBytes(bytes);
            bytes[31] &= 0x7F;
            yield return new BigInteger(bytes, isUnsigned: true);
        }
    }

    [Test]
    public void FieldOperationsAreArithmeticModuloP()
    {
        foreach (var x in Interesting(P, 1))
        {
            var a = FieldElement.FromBytes(Bytes(x, 32));
            FieldElement.Square(out var square, a);
            FieldElement.Negate(out var negative, a);
            FieldPowers.Invert(out var inverse, a);
            AssertField(a, x);
            AssertField(square, x * x);
            AssertField(negative, -x);
            AssertField(inverse, BigInteger.ModPow(x, P - 2, P));
            foreach (var y in Interesting(P, 2))
            {
                var b = FieldElement.FromBytes(Bytes(y, 32));
                FieldElement.Add(out var sum, a, b);
                FieldElement.Subtract(out var difference, a, b);
                FieldElement.Multiply(out var product, a, b);
                AssertField(sum, x + y);
                AssertField(difference, x - y);
                AssertField(product, x * y);

                // Loose operands, up to the stated bound: (x − y − y)(x − y + x), squared too.
                FieldElement.Subtract(out var loose, difference, b);
                FieldElement.Add(out var otherLoose, difference, a);
                FieldElement.Multiply(out product, loose, otherLoose);
                FieldElement.Square(out square, loose);
                AssertField(product, (x - y - y) * (x - y + x));
                AssertField(square, (x - y - y) * (x - y - y));
            }
        }
    }

    [Test]
    public void SquareRootsExistForHalfOfTheRatios()
    {
        var squares = 0;
        foreach (var x in Interesting(P, 3))
        {
            var u = FieldElement.FromBytes(Bytes(x, 32));
            var v = FieldElement.FromInteger(7);
            var expected = BigInteger.ModPow(x * BigInteger.ModPow(7, P - 2, P) % P, (P - 1) / 2, P) <= 1;
            Assert.That(FieldPowers.TrySquareRootOfRatio(out var root, u, v), Is.EqualTo(expected));
            if (!expected)
                continue;
            squares++;
            FieldElement.Square(out var check, root);
            FieldElement.Multiply(out check, check, v);
            AssertField(check, x);
            Assert.That(FieldPowers.IsOdd(root), Is.False);
        }
        Assert.That(squares, Is.InRange(10, 41));
    }

    [Test]
    public void ScalarOperationsAreArithmeticModuloL()
    {
        var result = new byte[32];
        foreach (var a in Interesting(L, 4))
        {
            foreach (var b in Interesting(L, 5))
            {
                var c = b % L;
                Scalar.MultiplyAdd(Bytes(a, 32), Bytes(b, 32), Bytes(c, 32), result);
                Assert.That(new BigInteger(result, isUnsigned: true), Is.EqualTo(((a * b) + c) % L));
                Scalar.Reduce(Bytes((a << 257) + b, 64), result);
                Assert.That(new BigInteger(result, isUnsigned: true), Is.EqualTo(((a << 257) + b) % L));
            }
            Assert.That(Scalar.IsCanonical(Bytes(a, 32)), Is.EqualTo(a < L));
        }
        Scalar.Reduce(Bytes((BigInteger.One << 512) - 1, 64), result);
        Assert.That(new BigInteger(result, isUnsigned: true), Is.EqualTo(((BigInteger.One << 512) - 1) % L));
        for (var bit = 0; bit < 256; bit++)
            Assert.That(Scalar.BitOfL(bit), Is.EqualTo(!((L >> bit) & 1).IsZero));
    }

    [Test]
    public void RecodingsKeepTheValue()
    {
        var radix16 = new sbyte[64];
        var nonAdjacent = new sbyte[129];
        foreach (var s in Interesting(L, 6))
        {
            Scalar.WriteRadix16(Bytes(s, 32), radix16);
            Assert.That(radix16.Reverse().Aggregate(BigInteger.Zero, (sum, digit) => (sum * 16) + digit), Is.EqualTo(s));
            Assert.That(radix16, Has.All.InRange((sbyte)-8, (sbyte)8));
            foreach (var half in new[] { s & ((BigInteger.One << 128) - 1), s >> 127, (BigInteger.One << 128) - 1 - (s >> 200) })
            {
                foreach (var width in new[] { 5, 8 })
                {
                    Scalar.WriteNonAdjacentForm(Bytes(half, 16), width, nonAdjacent);
                    Assert.That(nonAdjacent.Reverse().Aggregate(BigInteger.Zero, (sum, digit) => (sum * 2) + digit), Is.EqualTo(half));
                    Assert.That(nonAdjacent.All(digit => digit == 0 || ((digit & 1) != 0 && Math.Abs((int)digit) < 1 << (width - 1))));
                }
            }
        }
    }

    /// <summary>Both multiplications against double-and-add on the curve equation in affine big integers.</summary>
    [Test]
    public void MultiplicationsFollowTheCurve()
    {
        var d = P - (121665 * BigInteger.ModPow(121666, P - 2, P) % P);
        var y = 4 * BigInteger.ModPow(5, P - 2, P) % P;
        var x = BigInteger.Parse("15112221349535400772501151409588531511454012693041857206046113283949847762202", CultureInfo.InvariantCulture);
        var encoded = new byte[32];
        foreach (var s in Interesting(L, 7))
        {
            Multiplication.MultiplyBase(Bytes(s, 32), encoded);
            Assert.That(encoded, Is.EqualTo(Encode(Multiply(s, (x, y)))));
        }

        // s·B − k·A with A = 5·B
        var table = new CachedPoint[Multiplication.KeyTableLength];
        var tableHigh = new CachedPoint[Multiplication.KeyTableLength];
        Assert.That(EdwardsPoint.TryDecode(Encode(Multiply(5, (x, y))), out var a));
        CachedPoint.WriteOddMultiples(a, table);
        for (var i = 0; i < 128; i++)
            a.Double();
        CachedPoint.WriteOddMultiples(a, tableHigh);
        foreach (var (s, k) in Interesting(L, 8).Zip(Interesting(L, 9).Reverse()))
        {
            Multiplication.MultiplySubtract(Bytes(s, 32), Bytes(k, 32), table, tableHigh, encoded);
            Assert.That(encoded, Is.EqualTo(Encode(Multiply((((s - (5 * k)) % L) + L) % L, (x, y)))));
        }

        (BigInteger X, BigInteger Y) Multiply(BigInteger s, (BigInteger X, BigInteger Y) p)
        {
            (BigInteger X, BigInteger Y, BigInteger Z) sum = (0, 1, 1);
            for (var bit = 255; bit >= 0; bit--)
            {
                sum = Sum(sum, sum);
                if (!((s >> bit) & 1).IsZero)
                    sum = Sum(sum, (p.X, p.Y, 1));
            }
            var inverse = BigInteger.ModPow(sum.Z, P - 2, P);
            return (sum.X * inverse % P, sum.Y * inverse % P);
        }

        // The addition law with denominators Z² ± d·x·x'·y·y' kept in Z.
        (BigInteger X, BigInteger Y, BigInteger Z) Sum((BigInteger X, BigInteger Y, BigInteger Z) p, (BigInteger X, BigInteger Y, BigInteger Z) q)
        {
            var z = p.Z * q.Z % P;
            var product = d * (p.X * q.X % P) * (p.Y * q.Y % P) % P;
            var plus = ((z * z) + product) % P;
            var minus = ((z * z) - product + P) % P;
            return (z * minus * ((p.X * q.Y) + (p.Y * q.X)) % P, z * plus * ((p.Y * q.Y) + (p.X * q.X)) % P, minus * plus % P);
        }

        static byte[] Encode((BigInteger X, BigInteger Y) p) => Bytes(p.Y + ((p.X & 1) << 255), 32);
    }

    private static void AssertField(FieldElement actual, BigInteger expected)
    {
        var bytes = new byte[32];
        actual.WriteBytes(bytes);
        if (new BigInteger(bytes, isUnsigned: true) != ((expected % P) + P) % P)
            Assert.Fail($"{expected} modulo p came out as {Convert.ToHexStringLower(bytes)} (little-endian).");
    }

    private static byte[] Bytes(BigInteger value, int size)
    {
        var bytes = new byte[size];
        value.TryWriteBytes(bytes, out _, isUnsigned: true);
        return bytes;
    }
}
