using System.Numerics;

namespace Ogong.Numerics;

/// <summary>
/// Reals as integers times 2⁻³²⁰: slow, and precise enough to start tables from and to decide what faster arithmetic cannot.
/// Each function is within a few hundred units of the last place.
/// </summary>
internal static class FixedPoint
{
    /// <summary>Bits after the point.</summary>
    public const int FractionBits = 320;

    /// <summary>One.</summary>
    public static BigInteger One => BigInteger.One << FractionBits;

    /// <summary>A binary64 number; exact from 2⁻²⁶⁷ up.</summary>
    public static BigInteger From(double value)
    {
        (BigInteger significand, int exponent) = Split(value);
        return Shift(significand, exponent + FractionBits);
    }

    /// <summary>a · b.</summary>
    public static BigInteger Multiply(BigInteger a, BigInteger b) => (a * b) >> FractionBits;

    /// <summary>a / b.</summary>
    public static BigInteger Divide(BigInteger a, BigInteger b) => (a << FractionBits) / b;

    /// <summary>π, by Machin's formula 16·atan(1/5) − 4·atan(1/239).</summary>
    public static BigInteger Pi { get; } = (16 * InverseTangent(5, -1)) - (4 * InverseTangent(239, -1));

    /// <summary>ln 2 = 2·artanh(1/3).</summary>
    public static BigInteger Ln2 { get; } = 2 * InverseTangent(3, 1);

    /// <summary>ln of a positive binary64 number: 2ᵉ·m with m in [½, 1), e·ln 2 + 2·artanh((m − 1)/(m + 1)).</summary>
    public static BigInteger Ln(double value)
    {
        (BigInteger significand, int exponent) = Split(value);
        return Ln(significand, exponent);
    }

    /// <summary>ln of a positive number, the same way.</summary>
    public static BigInteger Ln(BigInteger x) => Ln(x, -FractionBits);

    /// <summary>The n-th root of a number that is not negative, by Newton's method from the binary64 root, rounded down.</summary>
    public static BigInteger Root(BigInteger x, int n)
    {
        if (x.IsZero) return x;
        // y = ⌊(x·2^((n − 1)·320))^(1/n)⌋; any start above it descends to it, and a first step from anywhere ends above it.
        BigInteger target = x << ((n - 1) * FractionBits), y = From(Math.Exp((BigInteger.Log(x) - (FractionBits * Math.Log(2))) / n)), last;
        y = Step(y);
        do (last, y) = (y, Step(y));
        while (y < last);
        return last;

        BigInteger Step(BigInteger root) => (((n - 1) * root) + (target / BigInteger.Pow(root, n - 1))) / n;
    }

    private static BigInteger Ln(BigInteger significand, int exponent)
    {
        int length = (int)significand.GetBitLength();
        BigInteger m = Shift(significand, FractionBits - length);
        BigInteger z = Divide(m - One, m + One), square = Multiply(z, z), power = z, sum = 0;
        for (int k = 1; !power.IsZero && power != BigInteger.MinusOne; k += 2, power = Multiply(power, square)) sum += power / k;
        return (2 * sum) + ((exponent + length) * Ln2);
    }

    /// <summary>eˣ for x ≤ 0: n = ⌊x / ln 2⌋, the Taylor series of x − n·ln 2, shifted by n.</summary>
    public static BigInteger Exp(BigInteger x)
    {
        BigInteger n = BigInteger.Divide(x, Ln2) - 1, r = x - (n * Ln2), term = One, sum = 0;
        for (int k = 1; !term.IsZero; k++)
        {
            sum += term;
            term = Multiply(term, r) / k;
        }
        return Shift(sum, (int)n);
    }

    /// <summary>Cosine and sine by their Taylor series, for |x| below a few units.</summary>
    public static (BigInteger Cos, BigInteger Sin) SinCos(BigInteger x)
    {
        BigInteger cos = 0, sin = 0, term = One;
        for (int k = 0; !term.IsZero && term != BigInteger.MinusOne; k++)
        {
            BigInteger signed = (k & 2) == 0 ? term : -term;
            if ((k & 1) == 0) cos += signed;
            else sin += signed;
            term = Multiply(term, x) / (k + 1);
        }
        return (cos, sin);
    }

    /// <summary>
    /// The nearest binary32, ties to even, of a real known to within 2⁻²⁰⁰: the approximation is first rounded to a multiple of 2⁻¹⁹², so that a half-way point, a multiple of 2⁻¹⁵⁰, is met exactly
    /// where the real value is one.
    /// </summary>
    public static float Nearest(BigInteger x)
    {
        const int Drop = FractionBits - 192;
        return ToSingle(((x + (BigInteger.One << (Drop - 1))) >> Drop) << Drop);
    }

    /// <summary>The nearest double-double.</summary>
    public static DoubleDouble ToDoubleDouble(BigInteger x)
    {
        double high = (double)x, low = (double)(x - new BigInteger(high));
        DoubleDouble sum = DoubleDouble.Normalize(high, low);
        return new DoubleDouble(Math.ScaleB(sum.High, -FractionBits), Math.ScaleB(sum.Low, -FractionBits));
    }

    /// <summary>The nearest binary32, ties to even.</summary>
    public static float ToSingle(BigInteger x)
    {
        BigInteger magnitude = BigInteger.Abs(x);
        int drop = Math.Max(FractionBits - 149, (int)magnitude.GetBitLength() - 24);
        BigInteger kept = magnitude >> drop, rest = (magnitude - (kept << drop)) << 1, unit = BigInteger.One << drop;
        if (rest > unit || (rest == unit && !kept.IsEven)) kept++;
        return x.Sign * MathF.ScaleB((float)(int)kept, drop - FractionBits);
    }

    // Σ (±1)^k / ((2k + 1)·n^(2k + 1)): arctangent for sign −1, inverse hyperbolic tangent for +1, of 1/n.
    private static BigInteger InverseTangent(int n, int sign)
    {
        BigInteger power = One / n, sum = 0;
        for (int k = 0; !power.IsZero; k++, power /= n * n)
            sum += sign < 0 && k % 2 == 1 ? -(power / ((2 * k) + 1)) : power / ((2 * k) + 1);
        return sum;
    }

    private static (BigInteger Significand, int Exponent) Split(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        int exponent = (int)((bits >> 52) & 0x7FF);
        long significand = (bits & 0xF_FFFF_FFFF_FFFF) | (exponent == 0 ? 0 : 1L << 52);
        return (bits < 0 ? -significand : significand, Math.Max(exponent, 1) - 1075);
    }

    private static BigInteger Shift(BigInteger value, int left) => left >= 0 ? value << left : value >> -left;
}
