namespace Ogong.Beacon.Bls12381;

/// <summary>
/// The optimal ate pairing e: G1 × G2 → GT, cubed: f_{x,Q}(P) conjugated (x is negative) and raised to 3(p¹² − 1)/r. The cube is a pairing as
/// well, because 3 does not divide r.
/// </summary>
internal static class Pairing
{
    /// <summary>Whether e(P₁, Q₁) · e(P₂, Q₂) = 1; no point may be infinity.</summary>
    public static bool IsProductOne(in CurvePoint<G1, Fp> p1, in CurvePoint<G2, Fp2> q1, in CurvePoint<G1, Fp> p2, in CurvePoint<G2, Fp2> q2) =>
        Compute([p1, p2], [q1, q2]).IsOne;

    /// <summary>Π e(Pᵢ, Qᵢ).</summary>
    public static Fp12 Compute(ReadOnlySpan<CurvePoint<G1, Fp>> p, ReadOnlySpan<CurvePoint<G2, Fp2>> q) => FinalExponentiation(MillerLoop(p, q));

    private static Fp12 MillerLoop(ReadOnlySpan<CurvePoint<G1, Fp>> p, ReadOnlySpan<CurvePoint<G2, Fp2>> q)
    {
        var loops = new MillerPair[p.Length];
        for (int i = 0; i < loops.Length; i++) loops[i] = new MillerPair(p[i], q[i]);
        Fp12 f = Fp12.One;
        for (int bit = 62; bit >= 0; bit--)
        {
            f = f.Square();
            foreach (MillerPair pair in loops) f = pair.Double(f);
            if ((Parameter.AbsoluteX >> bit & 1) == 0) continue;
            foreach (MillerPair pair in loops) f = pair.Add(f);
        }
        return f.Conjugate();
    }

    // (p¹² − 1)/r = (p⁶ − 1)(p² + 1) · (p⁴ − p² + 1)/r, and 3(p⁴ − p² + 1)/r = (x − 1)²(x + p)(x² + p² − 1) + 3 (Hayashida, Hayasaka, Teruya, 2020).
    private static Fp12 FinalExponentiation(in Fp12 f)
    {
        Fp12 easy = f.Conjugate() * f.Invert();
        easy = easy.Frobenius().Frobenius() * easy;

        Fp12 power = TimesXMinusOne(TimesXMinusOne(easy));
        power = PowerX(power) * power.Frobenius();
        power = PowerX(PowerX(power)) * power.Frobenius().Frobenius() * power.Conjugate();
        return power * easy.CyclotomicSquare() * easy;

        static Fp12 TimesXMinusOne(in Fp12 a) => PowerX(a) * a.Conjugate();
    }

    // a^x = conjugate of a^|x|, for an element of the cyclotomic subgroup.
    private static Fp12 PowerX(in Fp12 a)
    {
        Fp12 result = a;
        for (int bit = 62; bit >= 0; bit--)
        {
            result = result.CyclotomicSquare();
            if ((Parameter.AbsoluteX >> bit & 1) != 0) result *= a;
        }
        return result.Conjugate();
    }
}
