using System.Numerics;

namespace Ogong.Beacon.Bls12381;

/// <summary>A point of <typeparamref name="TCurve"/> in Jacobian coordinates: (X/Z², Y/Z³), infinity where Z = 0.</summary>
internal readonly struct CurvePoint<TCurve, TField>(TField x, TField y, TField z)
    where TCurve : struct, ICurve<TField>
    where TField : struct, IField<TField>
{
    public readonly TField X = x, Y = y, Z = z;

    public static CurvePoint<TCurve, TField> Infinity => new(TField.One, TField.One, TField.Zero);

    public static CurvePoint<TCurve, TField> Generator => FromAffine(TCurve.Generator.X, TCurve.Generator.Y);

    public bool IsInfinity => Z.IsZero;

    public bool IsOnCurve
    {
        get
        {
            // Y² = X³ + b·Z⁶
            TField z2 = Z.Square();
            return IsInfinity || Y.Square().Equals(X.Square() * X + TCurve.B * (z2.Square() * z2));
        }
    }

    public static CurvePoint<TCurve, TField> FromAffine(in TField x, in TField y) => new(x, y, TField.One);

    /// <summary>x and y of a point that is not infinity.</summary>
    public (TField X, TField Y) ToAffine()
    {
        if (IsInfinity) throw new InvalidOperationException("Infinity has no coordinates.");
        TField inverse = Z.Invert(), square = inverse.Square();
        return (X * square, Y * square * inverse);
    }

    public CurvePoint<TCurve, TField> Double()
    {
        // a = X², b = Y², s = 4XY², m = 3X²: X' = m² − 2s, Y' = m(s − X') − 8Y⁴, Z' = 2YZ. Infinity stays infinity.
        TField a = X.Square(), b = Y.Square(), s = Twice(Twice(X * b)), m = a + a + a;
        TField x = m.Square() - Twice(s);
        return new(x, m * (s - x) - Twice(Twice(Twice(b.Square()))), Twice(Y * Z));
    }

    /// <summary>This point times a non-negative integer.</summary>
    public CurvePoint<TCurve, TField> Multiply(BigInteger scalar)
    {
        CurvePoint<TCurve, TField> result = Infinity;
        for (int bit = (int)scalar.GetBitLength() - 1; bit >= 0; bit--)
        {
            result = result.Double();
            if (!(scalar >> bit).IsEven) result += this;
        }
        return result;
    }

    /// <summary>This point times |x|, which has six bits set.</summary>
    public CurvePoint<TCurve, TField> MultiplyByX()
    {
        CurvePoint<TCurve, TField> result = this;
        for (int bit = 62; bit >= 0; bit--)
        {
            result = result.Double();
            if ((Parameter.AbsoluteX >> bit & 1) != 0) result += this;
        }
        return result;
    }

    /// <summary>Whether both are one point.</summary>
    public bool IsSame(in CurvePoint<TCurve, TField> other)
    {
        if (IsInfinity || other.IsInfinity) return IsInfinity == other.IsInfinity;
        TField z = Z.Square(), w = other.Z.Square();
        return (X * w).Equals(other.X * z) && (Y * w * other.Z).Equals(other.Y * z * Z);
    }

    public static CurvePoint<TCurve, TField> operator -(in CurvePoint<TCurve, TField> a) => new(a.X, -a.Y, a.Z);

    public static CurvePoint<TCurve, TField> operator -(in CurvePoint<TCurve, TField> a, in CurvePoint<TCurve, TField> b) => a + -b;

    public static CurvePoint<TCurve, TField> operator +(in CurvePoint<TCurve, TField> a, in CurvePoint<TCurve, TField> b)
    {
        if (a.IsInfinity) return b;
        if (b.IsInfinity) return a;
        // h = x₂ − x₁, r = y₂ − y₁ over the common denominator: X' = r² − h³ − 2u₁h², Y' = r(u₁h² − X') − s₁h³, Z' = Z₁Z₂h.
        TField z1 = a.Z.Square(), z2 = b.Z.Square(), u1 = a.X * z2, s1 = a.Y * z2 * b.Z;
        TField h = b.X * z1 - u1, r = b.Y * z1 * a.Z - s1;
        if (h.IsZero) return r.IsZero ? a.Double() : Infinity;
        TField h2 = h.Square(), h3 = h2 * h, v = u1 * h2, x = r.Square() - h3 - Twice(v);
        return new(x, r * (v - x) - s1 * h3, a.Z * b.Z * h);
    }

    private static TField Twice(in TField a) => a + a;
}
