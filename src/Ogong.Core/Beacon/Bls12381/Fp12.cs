namespace Ogong.Beacon.Bls12381;

/// <summary>c0 + c1·w with w² = v, so that w⁶ = ξ.</summary>
internal readonly struct Fp12(Fp6 c0, Fp6 c1)
{
    public readonly Fp6 C0 = c0, C1 = c1;

    // ξ^(i·(p−1)/6): what the Frobenius map multiplies the coefficient of wⁱ by.
    private static readonly Fp2[] FrobeniusFactors = MakeFrobeniusFactors();

    public static Fp12 One => new(Fp6.One, default);

    public bool IsOne => C0.Equals(Fp6.One) && C1.Equals(default);

    /// <summary>The power p⁶; the inverse, for an element whose power p⁶ + 1 is 1.</summary>
    public Fp12 Conjugate() => new(C0, -C1);

    public Fp12 Invert()
    {
        Fp6 inverse = (C0 * C0 - (C1 * C1).TimesV()).Invert();
        return new(C0 * inverse, -(C1 * inverse));
    }

    public Fp12 Square()
    {
        Fp6 product = C0 * C1;
        return new((C0 + C1) * (C0 + C1.TimesV()) - product - product.TimesV(), product + product);
    }

    /// <summary>The product with a line (a + b·v) + (c·v)·w.</summary>
    public Fp12 TimesLine(in Fp2 a, in Fp2 b, in Fp2 c)
    {
        Fp6 low = C0.TimesSparse(a, b), high = C1.TimesSparse(c);
        return new(low + high.TimesV(), (C0 + C1).TimesSparse(a, b + c) - low - high);
    }

    /// <summary>The power p.</summary>
    public Fp12 Frobenius() => new(
        new(C0.C0.Conjugate(), C0.C1.Conjugate() * FrobeniusFactors[2], C0.C2.Conjugate() * FrobeniusFactors[4]),
        new(C1.C0.Conjugate() * FrobeniusFactors[1], C1.C1.Conjugate() * FrobeniusFactors[3], C1.C2.Conjugate() * FrobeniusFactors[5]));

    /// <summary>
    /// The square of an element whose power p⁴ − p² + 1 is 1 (Granger and Scott, 2010): over Fp4 = Fp2[y]/(y² − ξ) with y = w³ the element is
    /// A + B·w + C·w² with A = (a0, a1), and its square is (3A² − 2Ā) + (3y·C² + 2B̄)·w + (3B² − 2C̄)·w²: nine squares in Fp2.
    /// </summary>
    public Fp12 CyclotomicSquare()
    {
        (Fp2 a0, Fp2 a1) = SquareFp4(C0.C0, C1.C1);
        (Fp2 b0, Fp2 b1) = SquareFp4(C1.C0, C0.C2);
        (Fp2 c0, Fp2 c1) = SquareFp4(C0.C1, C1.C2);
        return new(
            new(ThriceLessTwice(a0, C0.C0), ThriceLessTwice(b0, C0.C1), ThriceLessTwice(c0, C0.C2)),
            new(ThricePlusTwice(c1.TimesXi(), C1.C0), ThricePlusTwice(a1, C1.C1), ThricePlusTwice(b1, C1.C2)));
    }

    public bool Equals(in Fp12 other) => C0.Equals(other.C0) && C1.Equals(other.C1);

    public static Fp12 operator *(in Fp12 a, in Fp12 b)
    {
        Fp6 low = a.C0 * b.C0, high = a.C1 * b.C1;
        return new(low + high.TimesV(), (a.C0 + a.C1) * (b.C0 + b.C1) - low - high);
    }

    // (a + b·y)² with y² = ξ.
    private static (Fp2 C0, Fp2 C1) SquareFp4(in Fp2 a, in Fp2 b)
    {
        Fp2 a2 = a.Square(), b2 = b.Square();
        return (a2 + b2.TimesXi(), (a + b).Square() - a2 - b2);
    }

    private static Fp2 ThriceLessTwice(in Fp2 t, in Fp2 z)
    {
        Fp2 difference = t - z;
        return difference + difference + t;
    }

    private static Fp2 ThricePlusTwice(in Fp2 t, in Fp2 z)
    {
        Fp2 sum = t + z;
        return sum + sum + t;
    }

    private static Fp2[] MakeFrobeniusFactors()
    {
        Fp2 first = Power.Of(new Fp2(Fp.One, Fp.One), (Fp.Modulus - 1) / 6);
        var factors = new Fp2[6];
        factors[0] = Fp2.One;
        for (int i = 1; i < factors.Length; i++) factors[i] = factors[i - 1] * first;
        return factors;
    }
}
