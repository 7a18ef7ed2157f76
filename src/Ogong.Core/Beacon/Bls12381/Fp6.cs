namespace Ogong.Beacon.Bls12381;

/// <summary>c0 + c1·v + c2·v² with v³ = ξ.</summary>
internal readonly struct Fp6(Fp2 c0, Fp2 c1, Fp2 c2)
{
    public readonly Fp2 C0 = c0, C1 = c1, C2 = c2;

    public static Fp6 One => new(Fp2.One, default, default);

    /// <summary>The product with v.</summary>
    public Fp6 TimesV() => new(C2.TimesXi(), C0, C1);

    /// <summary>The product with b0 + b1·v.</summary>
    public Fp6 TimesSparse(in Fp2 b0, in Fp2 b1)
    {
        Fp2 p0 = C0 * b0, p1 = C1 * b1;
        return new((C2 * b1).TimesXi() + p0, (C0 + C1) * (b0 + b1) - p0 - p1, C2 * b0 + p1);
    }

    /// <summary>The product with b·v.</summary>
    public Fp6 TimesSparse(in Fp2 b) => new((C2 * b).TimesXi(), C0 * b, C1 * b);

    public Fp6 Invert()
    {
        Fp2 a = C0.Square() - (C1 * C2).TimesXi(), b = C2.Square().TimesXi() - C0 * C1, c = C1.Square() - C0 * C2;
        Fp2 inverse = (C0 * a + (C2 * b + C1 * c).TimesXi()).Invert();
        return new(a * inverse, b * inverse, c * inverse);
    }

    public bool Equals(in Fp6 other) => C0.Equals(other.C0) && C1.Equals(other.C1) && C2.Equals(other.C2);

    public static Fp6 operator +(in Fp6 a, in Fp6 b) => new(a.C0 + b.C0, a.C1 + b.C1, a.C2 + b.C2);

    public static Fp6 operator -(in Fp6 a, in Fp6 b) => new(a.C0 - b.C0, a.C1 - b.C1, a.C2 - b.C2);

    public static Fp6 operator -(in Fp6 a) => new(-a.C0, -a.C1, -a.C2);

    /// <summary>Karatsuba: six products in Fp2.</summary>
    public static Fp6 operator *(in Fp6 a, in Fp6 b)
    {
        Fp2 p0 = a.C0 * b.C0, p1 = a.C1 * b.C1, p2 = a.C2 * b.C2;
        return new(
            ((a.C1 + a.C2) * (b.C1 + b.C2) - p1 - p2).TimesXi() + p0,
            (a.C0 + a.C1) * (b.C0 + b.C1) - p0 - p1 + p2.TimesXi(),
            (a.C0 + a.C2) * (b.C0 + b.C2) - p0 - p2 + p1);
    }
}
