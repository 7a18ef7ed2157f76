namespace Ogong.Numerics;

/// <summary>
/// The sinusoidal embedding of a timestep that diffusion transformers read: with h = 128 and fᵢ = 10000^(−i/(h − 1)), the correctly rounded cos(t·fᵢ) for i &lt; h, then sin(t·fᵢ). This is
/// diffusers' <c>Timesteps(256, flip_sin_to_cos=True, downscale_freq_shift=1)</c>. Thread-safe.
/// </summary>
internal static class TimestepEmbedding
{
    /// <summary>Values per timestep.</summary>
    public const int Width = 256;

    private const int Half = Width / 2;
    private static readonly Lazy<AngleTable> s_angles = new(static () => new AngleTable(AngleTable.Powers(10000, Half, Half - 1)));

    /// <summary>Fills the embedding of one timestep.</summary>
    /// <param name="timestep">In [0, 2²⁴); need not be an integer.</param>
    /// <param name="row"><see cref="Width"/> values.</param>
    /// <exception cref="ArgumentOutOfRangeException">The timestep is out of its range.</exception>
    public static void Fill(float timestep, Span<float> row)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(row.Length, Width, nameof(row));
        AngleTable angles = s_angles.Value;
        for (int i = 0; i < Half; i++) (row[i], row[Half + i]) = angles.Entry(timestep, i);
    }
}
