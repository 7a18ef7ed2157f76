using System.Numerics;
using NUnit.Framework;
using Ogong.Beacon.Bls12381;

namespace Ogong.Tests.Beacon;

/// <summary>The groups and the pairing by their laws, with slow arithmetic as the judge of fast arithmetic.</summary>
public sealed class PairingTests
{
    private static readonly CurvePoint<G1, Fp> P = CurvePoint<G1, Fp>.Generator;
    private static readonly CurvePoint<G2, Fp2> Q = CurvePoint<G2, Fp2>.Generator;
    private static readonly BigInteger A = BigInteger.Parse("314159265358979323846264338327950288419716939937510582097494459230781640628620899"), B = 271828182845904523;

    [Test]
    public void Field_products_are_those_of_big_integers()
    {
        var random = new Random(1);
        BigInteger[] edges = [0, 1, 2, Fp.Modulus - 1, Fp.Modulus - 2, (Fp.Modulus - 1) / 2, (Fp.Modulus + 1) / 2, (BigInteger.One << 380) - 1];
        for (int i = 0; i < 2000; i++)
        {
            BigInteger a = Next(i % 17 / 2), b = Next(i % 19 / 2);
            (Fp x, Fp y) = (Field(a), Field(b));
            Assert.That(Integer(x * y), Is.EqualTo(a * b % Fp.Modulus));
            Assert.That(Integer(x + y), Is.EqualTo((a + b) % Fp.Modulus));
            Assert.That(Integer(x - y), Is.EqualTo((a - b + Fp.Modulus) % Fp.Modulus));
            Assert.That(x.IsLargerThanNegative, Is.EqualTo(a > (Fp.Modulus - 1) / 2));
            Assert.That(x.IsOdd, Is.EqualTo(!a.IsEven));
        }

        BigInteger Next(int edge)
        {
            if (edge < edges.Length && edge > 3) return edges[random.Next(edges.Length)];
            var raw = new byte[Fp.Size];
            random.NextBytes(raw);
            return new BigInteger(raw, isUnsigned: true) % Fp.Modulus;
        }
    }

    [Test]
    public void Inverses_and_roots_are_what_they_are_called()
    {
        var random = new Random(2);
        int squares = 0;
        for (int i = 0; i < 40; i++)
        {
            var a = new Fp2(Field(random.NextInt64()), i % 4 == 0 ? Fp.Zero : Field(random.NextInt64()));
            Assert.That(a * a.Invert(), Is.EqualTo(Fp2.One));
            Assert.That(a.Square(), Is.EqualTo(a * a));
            Assert.That(a.Square().TrySqrt(out Fp2 root) && (root.Equals(a) || root.Equals(-a)));
            if (a.TrySqrt(out root)) squares++;
            // ξ = 1 + u is no square: exactly one of a and aξ is.
            Assert.That(a.TrySqrt(out _), Is.Not.EqualTo(a.TimesXi().TrySqrt(out _)));
        }
        Assert.That(squares, Is.InRange(10, 35));
        Assert.That(Fp.Zero.Invert().IsZero && Fp2.Zero.Invert().IsZero);
    }

    [Test]
    public void The_groups_have_order_r()
    {
        Assert.That(P.IsOnCurve && Q.IsOnCurve);
        Assert.That(P.Multiply(Parameter.Order).IsInfinity && Q.Multiply(Parameter.Order).IsInfinity);
        Assert.That(P.Multiply(Parameter.Order - 1).IsSame(-P) && Q.Multiply(Parameter.Order - 1).IsSame(-Q));
        Assert.That((P.Multiply(A) + P.Multiply(B)).IsSame(P.Multiply(A + B)));
        Assert.That((Q.Multiply(A) - Q.Multiply(A)).IsInfinity);
        Assert.That((Q + Q).IsSame(Q.Double()));
    }

    [Test]
    public void The_fast_subgroup_checks_are_multiplication_by_r()
    {
        int outside1 = 0, outside2 = 0;
        for (uint i = 1; i < 12; i++)
        {
            Fp x1 = Fp.FromInteger(i);
            if ((x1.Square() * x1 + G1.B).TrySqrt(out Fp y1))
            {
                var point = CurvePoint<G1, Fp>.FromAffine(x1, y1);
                Assert.That(G1.IsInSubgroup(point), Is.EqualTo(point.Multiply(Parameter.Order).IsInfinity));
                Assert.That(G1.ClearCofactor(point).Multiply(Parameter.Order).IsInfinity && G1.IsInSubgroup(G1.ClearCofactor(point)));
                outside1 += G1.IsInSubgroup(point) ? 0 : 1;
            }
            var x2 = new Fp2(Fp.FromInteger(i), Fp.One);
            if ((x2.Square() * x2 + G2.B).TrySqrt(out Fp2 y2))
            {
                var point = CurvePoint<G2, Fp2>.FromAffine(x2, y2);
                Assert.That(G2.IsInSubgroup(point), Is.EqualTo(point.Multiply(Parameter.Order).IsInfinity));
                Assert.That(G2.ClearCofactor(point).Multiply(Parameter.Order).IsInfinity && G2.IsInSubgroup(G2.ClearCofactor(point)));
                outside2 += G2.IsInSubgroup(point) ? 0 : 1;
            }
        }
        Assert.That(outside1, Is.GreaterThan(2));
        Assert.That(outside2, Is.GreaterThan(2));
    }

    [Test]
    public void The_pairing_is_bilinear_and_not_degenerate()
    {
        Fp12 e = Pairing.Compute([P], [Q]);
        Assert.That(e.IsOne, Is.False);
        Assert.That(Power(e, Parameter.Order).IsOne);
        Assert.That(Pairing.Compute([P.Multiply(A)], [Q]).Equals(Power(e, A)));
        Assert.That(Pairing.Compute([P], [Q.Multiply(A)]).Equals(Power(e, A)));
        Assert.That(Pairing.Compute([P.Multiply(B)], [Q.Multiply(A)]).Equals(Power(e, A * B)));
        Assert.That(Pairing.Compute([P, P.Multiply(A)], [Q.Multiply(B), Q]).Equals(Power(e, A + B)));
        Assert.That(Pairing.IsProductOne(P.Multiply(A), -Q, P, Q.Multiply(A)));
        Assert.That(Pairing.IsProductOne(P.Multiply(A), -Q, P, Q.Multiply(A + 1)), Is.False);
    }

    [Test]
    public void The_square_of_a_cyclotomic_element_is_its_square()
    {
        Fp12 e = Pairing.Compute([P.Multiply(B)], [Q]);
        Assert.That(e.CyclotomicSquare().Equals(e.Square()) && e.Square().Equals(e * e));
        Assert.That((e * e.Conjugate()).IsOne && (e * e.Invert()).IsOne);
        Fp12 frobenius = e;
        for (int i = 0; i < 12; i++) frobenius = frobenius.Frobenius();
        Assert.That(frobenius.Equals(e));
        Assert.That(e.Frobenius().Equals(Power(e, Fp.Modulus)));
    }

    private static Fp12 Power(Fp12 value, BigInteger exponent)
    {
        Fp12 result = Fp12.One;
        for (int bit = (int)exponent.GetBitLength() - 1; bit >= 0; bit--)
        {
            result = result.Square();
            if (!(exponent >> bit).IsEven) result *= value;
        }
        return result;
    }

    private static Fp Field(BigInteger value)
    {
        var bytes = new byte[Fp.Size];
        byte[] raw = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        raw.CopyTo(bytes, bytes.Length - raw.Length);
        Assert.That(Fp.TryDecode(bytes, out Fp field));
        return field;
    }

    private static BigInteger Integer(Fp value)
    {
        var bytes = new byte[Fp.Size];
        value.Encode(bytes);
        return new BigInteger(bytes, isUnsigned: true, isBigEndian: true);
    }
}
