namespace Ogong.Beacon.Bls12381;

/// <summary>c0 + c1·u with u² = −1.</summary>
internal readonly struct Fp2(Fp c0, Fp c1) : IField<Fp2>
{
    public readonly Fp C0 = c0, C1 = c1;

    private static readonly Fp Half = Fp.FromInteger(2).Invert();

    public static Fp2 Zero => default;

    public static Fp2 One => new(Fp.One, Fp.Zero);

    public bool IsZero => C0.IsZero && C1.IsZero;

    public bool IsOdd => C0.IsZero ? C1.IsOdd : C0.IsOdd;

    public bool IsLargerThanNegative => C1.IsZero ? C0.IsLargerThanNegative : C1.IsLargerThanNegative;

    public Fp2 Conjugate() => new(C0, -C1);

    /// <summary>The product with ξ = 1 + u, the non-residue the tower goes on with.</summary>
    public Fp2 TimesXi() => new(C0 - C1, C0 + C1);

    /// <summary>The product with an element of the base field.</summary>
    public Fp2 Scale(in Fp s) => new(C0 * s, C1 * s);

    public Fp2 Square() => new((C0 + C1) * (C0 - C1), (C0 + C0) * C1);

    public Fp2 Invert()
    {
        Fp inverse = (C0.Square() + C1.Square()).Invert();
        return new(C0 * inverse, -(C1 * inverse));
    }

    /// <summary>With n = √(c0² + c1²) and t the square of (c0 ± n)/2: root = √t + c1/(2√t)·u.</summary>
    public bool TrySqrt(out Fp2 root)
    {
        root = default;
        if (C1.IsZero)
        {
            // −1 is no square, so exactly one of c0 and −c0 has a root.
            root = C0.TrySqrt(out Fp real) ? new(real, Fp.Zero) : (-C0).TrySqrt(out Fp imaginary) ? new(Fp.Zero, imaginary) : default;
            return true;
        }
        if (!(C0.Square() + C1.Square()).TrySqrt(out Fp norm)) return false;
        if (!((C0 + norm) * Half).TrySqrt(out Fp x) && !((C0 - norm) * Half).TrySqrt(out x)) return false;
        root = new(x, C1 * (x + x).Invert());
        return root.Square().Equals(this);
    }

    public bool Equals(Fp2 other) => C0.Equals(other.C0) && C1.Equals(other.C1);

    public override bool Equals(object? obj) => obj is Fp2 other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(C0, C1);

    public static Fp2 operator +(in Fp2 a, in Fp2 b) => new(a.C0 + b.C0, a.C1 + b.C1);

    public static Fp2 operator -(in Fp2 a, in Fp2 b) => new(a.C0 - b.C0, a.C1 - b.C1);

    public static Fp2 operator -(in Fp2 a) => new(-a.C0, -a.C1);

    public static Fp2 operator *(in Fp2 a, in Fp2 b)
    {
        Fp low = a.C0 * b.C0, high = a.C1 * b.C1;
        return new(low - high, (a.C0 + a.C1) * (b.C0 + b.C1) - low - high);
    }
}
