using System.Diagnostics;
using System.Numerics;

namespace Ogong.Numerics;

/// <summary>Frequency scaling of the "llama3" kind; all parameters are the binary64 numbers of the config, taken as exact.</summary>
/// <param name="Factor">How much low frequencies are divided by.</param>
/// <param name="LowFrequencyFactor">Turns over the original context below which a frequency is low.</param>
/// <param name="HighFrequencyFactor">Turns over the original context above which a frequency is left alone.</param>
/// <param name="OriginalPositions">The original context in positions.</param>
internal sealed record RopeScaling(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalPositions);

/// <summary>
/// Cosines and sines of rotary position embedding: the correctly rounded binary32 of cos(p·fᵢ) and sin(p·fᵢ), where fᵢ = θ^(−2i/headDim) is a real number, θ the config's binary64.
/// With <see cref="RopeScaling"/>: s = (original·fᵢ/2π − low)/(high − low) clamped to [0, 1], and fᵢ becomes fᵢ·((1 − s)/factor + s). Immutable and thread-safe.
/// </summary>
/// <remarks>
/// fᵢ and fᵢ/2π come from 320-bit fixed point. An angle is reduced exactly, as a 128-bit fraction of a turn times the position, and its cosine and sine are double-double Taylor
/// sums; where their error could matter to the rounding, 320-bit arithmetic decides (Ziv's strategy).
/// </remarks>
internal sealed class RopeTable
{
    private const int Terms = 15;
    private const double TurnUnit = 1.0 / 18446744073709551616.0 / 18446744073709551616.0; // 2⁻¹²⁸
    private const double Relative = 1.0 / 18446744073709551616.0 / 67108864.0; // 2⁻⁹⁰

    // x^2k/(2k)! of cosine and x^2k/(2k+1)! of sine, |x| ≤ π/4: the first term left out is below 2⁻¹¹⁵.
    private readonly DoubleDouble[] _cosine = new DoubleDouble[Terms], _sine = new DoubleDouble[Terms];
    private readonly BigInteger[] _frequencies;
    private readonly DoubleDouble[] _radians;
    private readonly UInt128[] _turns;
    private readonly BigInteger _twoPi;
    private readonly DoubleDouble _twoPiRounded;

    /// <summary>Prepares the frequencies of one model.</summary>
    /// <exception cref="ArgumentOutOfRangeException">theta is not in [1, 1e30], headDim is not positive and even, or a scaling parameter is out of range.</exception>
    public RopeTable(double theta, int headDim, RopeScaling? scaling = null)
    {
        if (!(theta >= 1 && theta <= 1e30)) throw new ArgumentOutOfRangeException(nameof(theta), theta, "The base must lie in [1, 1e30].");
        if (headDim <= 0 || headDim % 2 != 0) throw new ArgumentOutOfRangeException(nameof(headDim), headDim, "The head dimension must be positive and even.");
        Validate(scaling);
        HeadDim = headDim;
        _twoPi = 2 * FixedPoint.Pi();
        _twoPiRounded = FixedPoint.ToDoubleDouble(_twoPi);
        BigInteger logarithm = FixedPoint.Ln(theta);
        _frequencies = [.. Enumerable.Range(0, headDim / 2).Select(i => Scale(FixedPoint.Exp(-2 * i * logarithm / headDim), scaling))];
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

    /// <summary>Elements per position.</summary>
    public int HeadDim { get; }

    /// <summary>The table of positions 0 … <paramref name="positions"/> − 1, [positions × headDim], computed on all processors.</summary>
    public float[] Build(int positions)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(positions);
        float[] table = new float[checked(positions * HeadDim)];
        Parallel.For(0, positions, p => Fill(p, table.AsSpan(p * HeadDim, HeadDim)));
        return table;
    }

    /// <summary>Fills rows from <paramref name="firstPosition"/> on: per position headDim/2 cosines, then headDim/2 sines, as <c>Rope</c> reads them.</summary>
    public void Fill(int firstPosition, Span<float> rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstPosition);
        ArgumentOutOfRangeException.ThrowIfNotEqual(rows.Length % HeadDim, 0, nameof(rows));
        int half = HeadDim / 2;
        for (int row = 0; row < rows.Length / HeadDim; row++)
        {
            Span<float> angles = rows.Slice(row * HeadDim, HeadDim);
            for (int i = 0; i < half; i++) (angles[i], angles[half + i]) = Entry(firstPosition + row, i);
        }
    }

    /// <summary>Cosine and sine by 320-bit arithmetic alone: the last word where double-double leaves a doubt.</summary>
    internal (float Cos, float Sin) Decide(int position, int index)
    {
        if (position == 0) return (1f, 0f);
        (BigInteger cos, BigInteger sin) = FixedPoint.SinCos(position * _frequencies[index] % _twoPi);
        // The errors of fᵢ and of π, times any position, stay below 2⁴⁸ units. No boundary of rounding is that near: the cosine and sine of a non-zero algebraic number are transcendental.
        BigInteger error = BigInteger.One << 48;
        float c = FixedPoint.ToSingle(cos - error), s = FixedPoint.ToSingle(sin - error);
        return c == FixedPoint.ToSingle(cos + error) && s == FixedPoint.ToSingle(sin + error) ? (c, s) : throw new UnreachableException("320 bits did not decide a rounding.");
    }

    private (float Cos, float Sin) Entry(int position, int index)
    {
        if (position == 0) return (1f, 0f);
        (DoubleDouble x, int quarter, double error) = Reduce(position, index);
        DoubleDouble square = x * x, cos = _cosine[^1], sin = _sine[^1];
        for (int k = Terms - 2; k >= 0; k--)
        {
            cos = (cos * square) + _cosine[k];
            sin = (sin * square) + _sine[k];
        }
        sin *= x;
        (cos, sin) = quarter switch { 0 => (cos, sin), 1 => (-sin, cos), 2 => (-cos, -sin), _ => (sin, -cos) };
        return TryRound(cos, error, out float c) && TryRound(sin, error, out float s) ? (c, s) : Decide(position, index);
    }

    // Besides the error of the reduction, everything is relative and below 2⁻⁹⁵.
    private static bool TryRound(DoubleDouble value, double error, out float rounded) =>
        value.TryRound(error + (Math.Abs(value.High) * Relative), out rounded);

    // The angle as quarter·π/2 + x, |x| ≤ π/4, and the absolute error of x.
    private (DoubleDouble X, int Quarter, double Error) Reduce(int position, int index)
    {
        DoubleDouble radians = _radians[index];
        if (position * radians.High < 0.78) return (radians * new DoubleDouble(position, 0), 0, 0);
        UInt128 turns = unchecked((UInt128)(uint)position * _turns[index]);
        int quarter = (int)(unchecked(turns + (UInt128.One << 125)) >> 126);
        var rest = unchecked((Int128)(turns - ((UInt128)(uint)quarter << 126)));
        double high = (double)rest;
        DoubleDouble fraction = DoubleDouble.Normalize(high, (double)(rest - (Int128)high));
        DoubleDouble x = new DoubleDouble(fraction.High * TurnUnit, fraction.Low * TurnUnit) * _twoPiRounded;
        return (x, quarter, 8.0 * position * TurnUnit);
    }

    private BigInteger Scale(BigInteger frequency, RopeScaling? scaling)
    {
        if (scaling is null) return frequency;
        BigInteger low = FixedPoint.From(scaling.LowFrequencyFactor), high = FixedPoint.From(scaling.HighFrequencyFactor);
        BigInteger turns = FixedPoint.Divide(scaling.OriginalPositions * frequency, _twoPi);
        BigInteger s = BigInteger.Clamp(FixedPoint.Divide(turns - low, high - low), 0, FixedPoint.One);
        return FixedPoint.Multiply(frequency, FixedPoint.Divide(FixedPoint.One - s, FixedPoint.From(scaling.Factor)) + s);
    }

    private static void Validate(RopeScaling? scaling)
    {
        if (scaling is null) return;
        bool valid = scaling.Factor is >= 1 and <= 1e6 && scaling.LowFrequencyFactor is >= 1e-6 and <= 1e6
            && scaling.HighFrequencyFactor <= 1e6 && scaling.HighFrequencyFactor > scaling.LowFrequencyFactor && scaling.OriginalPositions > 0;
        if (!valid) throw new ArgumentOutOfRangeException(nameof(scaling), scaling, "The frequency scaling is out of range.");
    }
}
