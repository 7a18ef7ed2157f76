using System.Runtime.CompilerServices;

namespace Ogong.Numerics;

/// <summary>
/// The elementary functions of profile <c>exact-1</c> in binary32 add, sub, mul and fma only (docs/exact-arithmetic.md, "Elementary functions").
/// The constants are shared with the vector versions; a backend that evaluates the same steps has the same bits.
/// </summary>
internal static class ExactMath
{
    /// <summary>Below this, exp is +0.</summary>
    public const float ExpLowest = -87f;

    /// <summary>Above this, exp is exp(88).</summary>
    public const float ExpHighest = 88f;

    /// <summary>1.5 · 2²³: adding it to |v| &lt; 2²² leaves v, rounded to an integer, in the low bits of the significand.</summary>
    public const float RoundingShift = 12582912f;

    /// <summary>log₂ e.</summary>
    public static readonly float Log2E = Bits(0x3FB8_AA3B);

    /// <summary>ln 2 rounded to nearest: a multiple of 2⁻²⁴, so that x − n·Ln2High is exact wherever exp uses it.</summary>
    public static readonly float Ln2High = Bits(0x3F31_7218);

    /// <summary>ln 2 − <see cref="Ln2High"/>.</summary>
    public static readonly float Ln2Low = Bits(0xB102_E308);

    /// <summary>Coefficients of r⁰ … r⁶ of exp(r), |r| ≤ ln(2)/2.</summary>
    public static readonly float
        Exp0 = 1f, Exp1 = 1f, Exp2 = Bits(0x3EFF_FFFE), Exp3 = Bits(0x3E2A_AA49), Exp4 = Bits(0x3D2A_AC57), Exp5 = Bits(0x3C09_1CC0), Exp6 = Bits(0x3AB5_2794);

    /// <summary>Coefficients of f⁰ … f⁸ of (log(1 + f) − f + f²/2) / f³, √½ − 1 ≤ f &lt; √2 − 1.</summary>
    public static readonly float
        Log0 = Bits(0x3EAA_AAA4), Log1 = Bits(0xBE80_0003), Log2 = Bits(0x3E4C_D23C), Log3 = Bits(0xBE2A_AE27), Log4 = Bits(0x3E11_9DBC),
        Log5 = Bits(0xBDFE_1356), Log6 = Bits(0x3DF3_6020), Log7 = Bits(0xBDEF_0804), Log8 = Bits(0x3D8A_4273);

    /// <summary>c0 = 2·√(2/π) and c1 = 0.044715·c0 of GELU's tanh form, each correctly rounded.</summary>
    public static readonly float Gelu0 = Bits(0x3FCC_422A), Gelu1 = Bits(0x3D92_2279);

    /// <summary>Bit pattern of √½: the least significand of the interval [√½, √2) that log reduces to.</summary>
    public const uint SqrtHalfBits = 0x3F35_04F3;

    /// <summary>Smallest normal binary32, 2⁻¹²⁶.</summary>
    public const float SmallestNormal = 1.17549435e-38f;

    /// <summary>
    /// eˣ. n = rint(x·log₂e), r = x − n·ln2, 2ⁿ·p(r). +0 below −87, exp(88) above 88, 1 at ±0, NaN for NaN; never subnormal.
    /// </summary>
    public static float Exp(float x)
    {
        if (x < ExpLowest) return 0f;
        if (x > ExpHighest) x = ExpHighest;
        float n = Fma(x, Log2E, RoundingShift) - RoundingShift;
        float r = Fma(n, -Ln2Low, Fma(n, -Ln2High, x));
        float p = Exp6;
        p = Fma(p, r, Exp5);
        p = Fma(p, r, Exp4);
        p = Fma(p, r, Exp3);
        p = Fma(p, r, Exp2);
        p = Fma(p, r, Exp1);
        p = Fma(p, r, Exp0);
        // 2^n is normal for every n that gets here, and the product is exact; multiplying keeps a NaN a NaN.
        return p * BitConverter.Int32BitsToSingle(unchecked(((int)n + 127) << 23));
    }

    /// <summary>
    /// ln x. x = 2ᵉ·(1 + f), 1 + f in [√½, √2): e·ln2 + f − f²/2 + f³·P(f). +0 at 1, −∞ at ±0, NaN below 0 and for NaN, +∞ at +∞.
    /// </summary>
    public static float Log(float x)
    {
        if (!(x > 0f)) return x == 0f ? float.NegativeInfinity : float.NaN;
        if (x == float.PositiveInfinity) return x;
        int shift = 0;
        if (x < SmallestNormal)
        {
            x *= 8388608f; // 2^23
            shift = 23;
        }
        int bits = unchecked((int)(BitConverter.SingleToUInt32Bits(x) - SqrtHalfBits));
        float e = (bits >> 23) - shift;
        float f = BitConverter.UInt32BitsToSingle((uint)(bits & 0x7F_FFFF) + SqrtHalfBits) - 1f;
        float p = Log8;
        p = Fma(p, f, Log7);
        p = Fma(p, f, Log6);
        p = Fma(p, f, Log5);
        p = Fma(p, f, Log4);
        p = Fma(p, f, Log3);
        p = Fma(p, f, Log2);
        p = Fma(p, f, Log1);
        p = Fma(p, f, Log0);
        float square = f * f;
        float y = Fma(e, Ln2Low, square * f * p);
        y = f + Fma(-0.5f, square, y);
        return Fma(e, Ln2High, y);
    }

    /// <summary>
    /// The relative norm of a difference from two sums of squares: <c>div(sqrt(difference), max(sqrt(reference), 2⁻¹²⁶))</c>, NaN if a sum is not finite (an infinite reference would make anything look near).
    /// </summary>
    public static float RelativeNorm(float difference, float reference)
    {
        if (!float.IsFinite(difference) || !float.IsFinite(reference)) return float.NaN;
        float norm = MathF.Sqrt(reference);
        return MathF.Sqrt(difference) / (norm < SmallestNormal ? SmallestNormal : norm);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Fma(float x, float y, float z) => MathF.FusedMultiplyAdd(x, y, z);

    private static float Bits(uint pattern) => BitConverter.UInt32BitsToSingle(pattern);
}
