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
internal sealed class RopeTable
{
    private readonly AngleTable _angles;

    /// <summary>Prepares the frequencies of one model.</summary>
    /// <exception cref="ArgumentOutOfRangeException">theta is not in [1, 1e30], headDim is not positive and even, or a scaling parameter is out of range.</exception>
    public RopeTable(double theta, int headDim, RopeScaling? scaling = null)
    {
        if (!(theta >= 1 && theta <= 1e30)) throw new ArgumentOutOfRangeException(nameof(theta), theta, "The base must lie in [1, 1e30].");
        if (headDim <= 0 || headDim % 2 != 0) throw new ArgumentOutOfRangeException(nameof(headDim), headDim, "The head dimension must be positive and even.");
        Validate(scaling);
        HeadDim = headDim;
        _angles = new AngleTable(AngleTable.Powers(theta, headDim / 2, headDim / 2).Select(f => Scale(f, scaling)));
    }

    /// <summary>What scaling divides each of the headDim/2 frequencies by: the binary32 nearest to fᵢ over its scaled value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A scaling parameter is out of range.</exception>
    public static float[] Divisors(double theta, int headDim, RopeScaling scaling)
    {
        Validate(scaling);
        return [.. AngleTable.Powers(theta, headDim / 2, headDim / 2).Select(f => FixedPoint.Nearest(FixedPoint.Divide(f, Scale(f, scaling))))];
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
            for (int i = 0; i < half; i++) (angles[i], angles[half + i]) = _angles.Entry(firstPosition + row, i);
        }
    }

    /// <summary>Cosine and sine by 320-bit arithmetic alone.</summary>
    internal (float Cos, float Sin) Decide(int position, int index) => _angles.Decide((uint)position, 0, index);

    private static BigInteger Scale(BigInteger frequency, RopeScaling? scaling)
    {
        if (scaling is null) return frequency;
        BigInteger low = FixedPoint.From(scaling.LowFrequencyFactor), high = FixedPoint.From(scaling.HighFrequencyFactor);
        BigInteger turns = FixedPoint.Divide(scaling.OriginalPositions * frequency, 2 * FixedPoint.Pi);
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
