namespace Ogong.Beacon.Bls12381;

/// <summary>
/// One pair of a Miller loop. T runs through multiples of Q on the twist; (x, y) there is (x/w², y/w³) on the curve. A line of slope λ (on the
/// twist) through T, at P and times w³, is <c>(λ·x_T − y_T) − λ·x_P·v + y_P·v·w</c>; factors of w³ and of Fp2 vanish in the final exponentiation.
/// </summary>
internal sealed class MillerPair
{
    private readonly Fp xP, yP;
    private readonly Fp2 xQ, yQ;
    private Fp2 x, y, z;

    public MillerPair(in CurvePoint<G1, Fp> p, in CurvePoint<G2, Fp2> q)
    {
        (xP, yP) = p.ToAffine();
        (xQ, yQ) = q.ToAffine();
        (x, y, z) = (xQ, yQ, Fp2.One);
    }

    /// <summary>f times the tangent at T; then T ← 2T. The line is scaled by 2YZ³: λ = 3X²/(2YZ).</summary>
    public Fp12 Double(in Fp12 f)
    {
        Fp2 a = x.Square(), b = y.Square(), z2 = z.Square(), m = a + a + a, t = x * b;
        Fp2 s = t + t;
        s += s;
        Fp2 zNext = y * z;
        zNext += zNext;
        Fp12 result = f.TimesLine(m * x - b - b, -(m * z2).Scale(xP), (zNext * z2).Scale(yP));
        Fp2 b2 = b.Square(), eight = b2 + b2;
        eight += eight;
        eight += eight;
        x = m.Square() - s - s;
        y = m * (s - x) - eight;
        z = zNext;
        return result;
    }

    /// <summary>f times the line through T and Q; then T ← T + Q. The line is scaled by Z·h: λ = r/(Z·h).</summary>
    public Fp12 Add(in Fp12 f)
    {
        Fp2 z2 = z.Square(), h = xQ * z2 - x, r = yQ * z2 * z - y, zNext = z * h;
        Fp12 result = f.TimesLine(r * xQ - yQ * zNext, -r.Scale(xP), zNext.Scale(yP));
        Fp2 h2 = h.Square(), h3 = h2 * h, v = x * h2;
        x = r.Square() - h3 - v - v;
        y = r * (v - x) - y * h3;
        z = zNext;
        return result;
    }
}
