using System.Diagnostics.CodeAnalysis;
using Ogong.Bytes;

namespace Ogong.Diffusion;

/// <summary>The shape of the variances β that training added per timestep.</summary>
public enum BetaKind : byte
{
    /// <summary>β evenly spaced.</summary>
    Linear = 1,

    /// <summary>√β evenly spaced.</summary>
    ScaledLinear = 2,

    /// <summary>ᾱ follows a squared cosine (Nichol, Dhariwal 2021), β at most 0.999; diffusers' <c>squaredcos_cap_v2</c>.</summary>
    SquaredCosine = 3,
}

/// <summary>
/// The variances β₀ … β₍T−1₎ of the forward process a model was trained on, in real arithmetic from the config's binary64 numbers. Immutable and valid by construction.
/// </summary>
public sealed record BetaSchedule : ICanonical<BetaSchedule>
{
    /// <summary>Most timesteps of training.</summary>
    public const int MaxTimesteps = 1 << 14;

    /// <summary>Least and most β, of the two kinds that state it.</summary>
    public const double MinBeta = 1e-8, MaxBeta = 0.5;

    /// <summary>Most T·max β: keeps ᾱ above 2⁻⁶⁵, which the precision of the schedules rests on.</summary>
    public const double MaxTotal = 32;

    private BetaSchedule(BetaKind kind, double start, double end, int timesteps)
    {
        (Kind, Start, End, Timesteps) = (kind, start, end, timesteps);
    }

    /// <summary>The shape.</summary>
    public BetaKind Kind { get; }

    /// <summary>β₀; 0 for <see cref="BetaKind.SquaredCosine"/>, which has no parameter.</summary>
    public double Start { get; }

    /// <summary>β₍T−1₎; 0 likewise.</summary>
    public double End { get; }

    /// <summary>T, timesteps of training.</summary>
    public int Timesteps { get; }

    /// <summary>βᵢ = start + i·(end − start)/(T − 1).</summary>
    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    public static BetaSchedule Linear(double start = 0.0001, double end = 0.02, int timesteps = 1000) => Checked(new BetaSchedule(BetaKind.Linear, start, end, timesteps));

    /// <summary>βᵢ = (√start + i·(√end − √start)/(T − 1))².</summary>
    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    public static BetaSchedule ScaledLinear(double start, double end, int timesteps = 1000) => Checked(new BetaSchedule(BetaKind.ScaledLinear, start, end, timesteps));

    /// <summary>βᵢ = min(1 − f(i + 1)/f(i), 0.999), f(i) = cos²((i/T + 0.008)/1.008·π/2).</summary>
    /// <exception cref="ArgumentException">The number of timesteps is out of its range.</exception>
    public static BetaSchedule SquaredCosine(int timesteps = 1000) => Checked(new BetaSchedule(BetaKind.SquaredCosine, 0, 0, timesteps));

    /// <inheritdoc/>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.UInt8((byte)Kind);
        writer.Count(Timesteps);
        if (Kind == BetaKind.SquaredCosine) return;
        writer.Double(Start);
        writer.Double(End);
    }

    /// <inheritdoc/>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out BetaSchedule? value)
    {
        value = null;
        int start = reader.Offset;
        if (!reader.TryUInt8(out byte kind, "beta schedule")) return false;
        if (kind is < (byte)BetaKind.Linear or > (byte)BetaKind.SquaredCosine) return reader.FailAt(DecodeError.OutOfRange, start, "beta schedule");
        if (!reader.TryCount(1, MaxTimesteps, out int timesteps, "training timesteps")) return false;
        double first = 0, last = 0;
        if (kind != (byte)BetaKind.SquaredCosine
            && (!reader.TryDouble(MinBeta, MaxBeta, out first, "beta start") || !reader.TryDouble(MinBeta, MaxBeta, out last, "beta end")))
            return false;
        var read = new BetaSchedule((BetaKind)kind, first, last, timesteps);
        if (read.Fault() is { } fault) return reader.FailAt(DecodeError.OutOfRange, start, fault);
        value = read;
        return true;
    }

    private static BetaSchedule Checked(BetaSchedule schedule) =>
        schedule.Fault() is { } fault ? throw new ArgumentException($"Out of range: {fault}.", nameof(schedule)) : schedule;

    private string? Fault()
    {
        if (Timesteps is < 1 or > MaxTimesteps) return "training timesteps";
        if (Kind == BetaKind.SquaredCosine) return null;
        if (!(Start is >= MinBeta and <= MaxBeta)) return "beta start";
        if (!(End is >= MinBeta and <= MaxBeta)) return "beta end";
        return Timesteps * Math.Max(Start, End) <= MaxTotal ? null : "sum of betas";
    }
}
