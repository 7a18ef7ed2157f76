using System.Diagnostics;
using System.Numerics;

namespace Ogong.Numerics;

/// <summary>
/// Cosines and sines of p·fᵢ, correctly rounded to binary32, for real frequencies fᵢ and positions p = m·2ᵉ. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// An angle is reduced exactly, as a 128-bit fraction of a turn times the position, and its cosine and sine are double-double Taylor sums; where their error could matter to the rounding, 320-bit
/// arithmetic decides (Ziv's strategy). It always can where p·fᵢ is a non-zero algebraic number, whose cosine and sine are transcendental, so never half-way.
/// </remarks>
internal sealed class AngleTable
{
    private const int Terms = 15;
    private const double TurnUnit = 1.0 / 18446744073709551616.0 / 18446744073709551616.0; // 2⁻¹²⁸
    private const double Relative = 1.0 / 18446744073709551616.0 / 67108864.0; // 2⁻⁹⁰

    // x^2k/(2k)! of cosine and x^2k/(2k+1)! of sine, |x| ≤ π/4: the first term left out is below 2⁻¹¹⁵.
    private readonly DoubleDouble[] _cosine = new DoubleDouble[Terms], _sine = new DoubleDouble[Terms];
    private readonly BigInteger[] _frequencies;
    private readonly DoubleDouble[] _radians;
    private readonly UInt128[] _turns;
    private readonly BigInteger _twoPi = 2 * FixedPoint.Pi;
    private readonly DoubleDouble _twoPiRounded;

    /// <summary>Prepares frequencies in (0, 1], in 320-bit fixed point.</summary>
    public AngleTable(IEnumerable<BigInteger> frequencies)
    {
        _twoPiRounded = FixedPoint.ToDoubleDouble(_twoPi);
        _frequencies = [.. frequencies];
        _radians = [.. _frequencies.Select(FixedPoint.ToDoubleDouble)];
        _turns = [.. _frequencies.Select(f => (UInt128)(FixedPoint.Divide(f, _twoPi) >> (FixedPoint.FractionBits - 128)))];
        BigInteger factorial = 1;
        for (int k = 0; k < Terms; k++)
        {
            int sign = k % 2 == 0 ? 1 : -1;
            if (k > 0) factorial *= 2 * k;
            _cosine[k] = FixedPoint.ToDoubleDouble(sign * FixedPoint.One / factorial);
            factorial *= (2 * k) + 1;
            _sine[k] = FixedPoint.ToDoubleDouble(sign * FixedPoint.One / factorial);
        }
    }

    /// <summary>The frequencies base^(−i/denominator), i &lt; count.</summary>
    public static IEnumerable<BigInteger> Powers(double @base, int count, int denominator)
    {
        BigInteger logarithm = FixedPoint.Ln(@base);
        return Enumerable.Range(0, count).Select(i => FixedPoint.Exp(-i * logarithm / denominator));
    }

    /// <summary>Frequencies.</summary>
    public int Count => _frequencies.Length;

    /// <summary>cos and sin of position·fᵢ.</summary>
    public (float Cos, float Sin) Entry(int position, int index) => Entry((uint)position, 0, index);

    /// <summary>cos and sin of position·fᵢ, a position in [0, 2²⁴).</summary>
    public (float Cos, float Sin) Entry(float position, int index)
    {
        (uint significand, int exponent) = Split(position);
        return Entry(significand, exponent, index);
    }

    /// <summary>Cosine and sine by 320-bit arithmetic alone: the last word where double-double leaves a doubt.</summary>
    internal (float Cos, float Sin) Decide(uint significand, int exponent, int index)
    {
        if (significand == 0) return (1f, 0f);
        (BigInteger cos, BigInteger sin) = FixedPoint.SinCos(((significand * _frequencies[index]) >> -exponent) % _twoPi);
        // The errors of fᵢ and of π, times any position, stay below 2⁴⁸ units.
        BigInteger error = BigInteger.One << 48;
        float c = FixedPoint.ToSingle(cos - error), s = FixedPoint.ToSingle(sin - error);
        return c == FixedPoint.ToSingle(cos + error) && s == FixedPoint.ToSingle(sin + error) ? (c, s) : throw new UnreachableException("320 bits did not decide a rounding.");
    }

    /// <summary>A binary32 in [0, 2²⁴) as m·2ᵉ, e ≤ 0.</summary>
    internal static (uint Significand, int Exponent) Split(float position)
    {
        if (!(position is >= 0 and < 16777216f)) throw new ArgumentOutOfRangeException(nameof(position), position, "A position lies in [0, 2^24).");
        uint bits = BitConverter.SingleToUInt32Bits(position) & 0x7FFF_FFFF, fraction = bits & 0x7F_FFFF;
        int exponent = (int)(bits >> 23);
        return exponent == 0 ? (fraction, -149) : (fraction | 0x80_0000, exponent - 150);
    }

    private (float Cos, float Sin) Entry(uint significand, int exponent, int index)
    {
        if (significand == 0) return (1f, 0f);
        (DoubleDouble x, int quarter, double error) = Reduce(significand, exponent, index);
        DoubleDouble square = x * x, cos = _cosine[^1], sin = _sine[^1];
        for (int k = Terms - 2; k >= 0; k--)
        {
            cos = (cos * square) + _cosine[k];
            sin = (sin * square) + _sine[k];
        }
        sin *= x;
        (cos, sin) = quarter switch { 0 => (cos, sin), 1 => (-sin, cos), 2 => (-cos, -sin), _ => (sin, -cos) };
        return TryRound(cos, error, out float c) && TryRound(sin, error, out float s) ? (c, s) : Decide(significand, exponent, index);
    }

    // Besides the error of the reduction, everything is relative and below 2⁻⁹⁵.
    private static bool TryRound(DoubleDouble value, double error, out float rounded) =>
        value.TryRound(error + (Math.Abs(value.High) * Relative), out rounded);

    // The angle as quarter·π/2 + x, |x| ≤ π/4, and the absolute error of x.
    private (DoubleDouble X, int Quarter, double Error) Reduce(uint significand, int exponent, int index)
    {
        DoubleDouble radians = _radians[index];
        double position = Math.ScaleB(significand, exponent);
        if (position * radians.High < 0.78) return (radians * new DoubleDouble(position, 0), 0, 0);
        UInt128 turns = Turns(significand, -exponent, _turns[index]);
        int quarter = (int)(unchecked(turns + (UInt128.One << 125)) >> 126);
        var rest = unchecked((Int128)(turns - ((UInt128)(uint)quarter << 126)));
        double high = (double)rest;
        DoubleDouble fraction = DoubleDouble.Normalize(high, (double)(rest - (Int128)high));
        DoubleDouble x = new DoubleDouble(fraction.High * TurnUnit, fraction.Low * TurnUnit) * _twoPiRounded;
        return (x, quarter, 8.0 * (position + 1) * TurnUnit);
    }

    // ⌊m·turns·2⁻ᵈ⌋ modulo one turn. The full product has 160 bits, high·2⁶⁴ + low; d is at most 24, since a position below 0.78 needs no reduction.
    private static UInt128 Turns(uint m, int d, UInt128 turns)
    {
        unchecked
        {
            UInt128 low = (UInt128)m * (ulong)turns, high = ((UInt128)m * (ulong)(turns >> 64)) + (low >> 64);
            return (high << (64 - d)) | ((ulong)low >> d);
        }
    }
}
