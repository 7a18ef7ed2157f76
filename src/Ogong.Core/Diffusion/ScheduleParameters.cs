using System.Diagnostics.CodeAnalysis;
using Ogong.Bytes;

namespace Ogong.Diffusion;

/// <summary>
/// A scheduler with everything that decides a bit of its steps, in the form an order signs it. <see cref="Schedule.Create"/> computes the
/// steps. Names and meanings are those of diffusers' configs. Immutable and valid by construction.
/// </summary>
public sealed record ScheduleParameters : ICanonical<ScheduleParameters>
{
    /// <summary>Most steps.</summary>
    public const int MaxSteps = 4096;

    /// <summary>Least and most shift.</summary>
    public const double MinShift = 0.001, MaxShift = 1000;

    /// <summary>Least and most limit of a clipped prediction.</summary>
    public const double MinClip = 0.001, MaxClip = 1e6;

    private ScheduleParameters(SchedulerKind kind, int steps, int timesteps) => (Kind, Steps, TrainTimesteps) = (kind, steps, timesteps);

    /// <summary>How the latent advances.</summary>
    public SchedulerKind Kind { get; }

    /// <summary>N, denoising steps.</summary>
    public int Steps { get; private init; }

    /// <summary>T, timesteps of training.</summary>
    public int TrainTimesteps { get; }

    /// <summary>What the model predicts.</summary>
    public PredictionKind Prediction { get; private init; } = PredictionKind.Flow;

    /// <summary>Where the steps lie.</summary>
    public TimestepSpacing Spacing { get; private init; } = TimestepSpacing.Linspace;

    /// <summary>Timesteps added to <see cref="TimestepSpacing.Leading"/> steps; 0 for the other spacings, which have no offset.</summary>
    public int StepsOffset { get; private init; }

    /// <summary>Flow matching: noise levels go from σ to shift·σ/(1 + (shift − 1)·σ).</summary>
    public double Shift { get; private init; } = 1;

    /// <summary>Euler and DDIM: the noise training added; null for flow matching.</summary>
    public BetaSchedule? Betas { get; private init; }

    /// <summary>Euler: noise levels spaced as Karras et al. 2022, equation 5 with ρ = 7.</summary>
    public bool KarrasSigmas { get; private init; }

    /// <summary>DDIM: the step that leaves timestep 0 goes to ᾱ = 1 rather than to ᾱ₀.</summary>
    public bool AlphaToOne { get; private init; }

    /// <summary>DDIM: the predicted data are clamped to ± this; null does not clamp.</summary>
    public double? ClipRange { get; private init; }

    /// <summary>DDIM: share of the fresh noise of ancestral sampling, in [0, 1]; 0 adds none.</summary>
    public double Eta { get; private init; }

    /// <summary>Flow-matching Euler.</summary>
    /// <param name="steps">N, in [1, <see cref="MaxSteps"/>].</param>
    /// <param name="shift">See <see cref="Shift"/>.</param>
    /// <param name="trainTimesteps">T: the model reads σ·T as its timestep.</param>
    /// <param name="spacing"><see cref="TimestepSpacing.Linspace"/> is the scheduler's own, from σ = 1 to that of timestep 1; <see cref="TimestepSpacing.Trailing"/> is what
    /// pipelines pass as <c>sigmas = linspace(1, 1/N, N)</c>.</param>
    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    public static ScheduleParameters FlowMatchEuler(int steps, double shift = 1, int trainTimesteps = 1000, TimestepSpacing spacing = TimestepSpacing.Linspace) =>
        Checked(new ScheduleParameters(SchedulerKind.FlowMatchEuler, steps, trainTimesteps) { Shift = shift, Spacing = spacing });

    /// <summary>Euler discrete, without churn, ending at σ = 0.</summary>
    /// <exception cref="ArgumentException">A value is out of its range, or the steps do not fit the timesteps of training.</exception>
    public static ScheduleParameters EulerDiscrete(
        int steps, BetaSchedule betas, PredictionKind prediction = PredictionKind.Epsilon, TimestepSpacing spacing = TimestepSpacing.Linspace, int stepsOffset = 0, bool karrasSigmas = false)
    {
        ArgumentNullException.ThrowIfNull(betas);
        return Checked(new ScheduleParameters(SchedulerKind.EulerDiscrete, steps, betas.Timesteps)
        {
            Betas = betas,
            Prediction = prediction,
            Spacing = spacing,
            StepsOffset = stepsOffset,
            KarrasSigmas = karrasSigmas,
        });
    }

    /// <summary>DDIM. Clipping changes the predicted data alone, not the direction (diffusers' <c>use_clipped_model_output = False</c>).</summary>
    /// <exception cref="ArgumentException">A value is out of its range, or the steps do not fit the timesteps of training.</exception>
    public static ScheduleParameters Ddim(
        int steps, BetaSchedule betas, PredictionKind prediction = PredictionKind.Epsilon, TimestepSpacing spacing = TimestepSpacing.Leading, int stepsOffset = 0,
        bool alphaToOne = true, double? clipRange = null, double eta = 0)
    {
        ArgumentNullException.ThrowIfNull(betas);
        return Checked(new ScheduleParameters(SchedulerKind.Ddim, steps, betas.Timesteps)
        {
            Betas = betas,
            Prediction = prediction,
            Spacing = spacing,
            StepsOffset = stepsOffset,
            AlphaToOne = alphaToOne,
            ClipRange = clipRange,
            Eta = eta,
        });
    }

    /// <summary>The same scheduler with another number of steps and share of fresh noise.</summary>
    /// <exception cref="ArgumentException">A value is out of its range, or the steps do not fit the timesteps of training.</exception>
    public ScheduleParameters With(int steps, double eta) => Checked(this with { Steps = steps, Eta = eta });

    /// <inheritdoc/>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.UInt8((byte)Kind);
        writer.Count(Steps);
        writer.UInt8((byte)Prediction);
        writer.UInt8((byte)Spacing);
        if (Betas is null)
        {
            writer.Count(TrainTimesteps);
            writer.Double(Shift);
            return;
        }
        writer.Count(StepsOffset);
        Betas.Write(writer);
        if (Kind == SchedulerKind.EulerDiscrete)
        {
            writer.Flag(KarrasSigmas);
            return;
        }
        writer.Flag(AlphaToOne);
        writer.Flag(ClipRange is not null);
        if (ClipRange is { } range) writer.Double(range);
        writer.Double(Eta);
    }

    /// <inheritdoc/>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out ScheduleParameters? value)
    {
        value = null;
        int start = reader.Offset;
        if (!reader.TryUInt8(out byte kind, "scheduler")) return false;
        if (kind is < (byte)SchedulerKind.FlowMatchEuler or > (byte)SchedulerKind.Ddim) return reader.FailAt(DecodeError.OutOfRange, start, "scheduler");
        if (!reader.TryCount(1, MaxSteps, out int steps, "steps")
            || !reader.TryUInt8(out byte prediction, "prediction")
            || !reader.TryUInt8(out byte spacing, "timestep spacing")
            || !TryReadRest(ref reader, (SchedulerKind)kind, steps, out ScheduleParameters? read))
            return false;
        read = read with { Prediction = (PredictionKind)prediction, Spacing = (TimestepSpacing)spacing };
        if (read.Fault() is { } fault) return reader.FailAt(DecodeError.OutOfRange, start, fault);
        value = read;
        return true;
    }

    private static bool TryReadRest(ref ByteReader reader, SchedulerKind kind, int steps, [NotNullWhen(true)] out ScheduleParameters? value)
    {
        value = null;
        if (kind == SchedulerKind.FlowMatchEuler)
        {
            if (!reader.TryCount(1, BetaSchedule.MaxTimesteps, out int timesteps, "training timesteps") || !reader.TryDouble(MinShift, MaxShift, out double shift, "shift")) return false;
            value = new ScheduleParameters(kind, steps, timesteps) { Shift = shift };
            return true;
        }
        if (!reader.TryCount(0, BetaSchedule.MaxTimesteps, out int offset, "steps offset") || !BetaSchedule.TryRead(ref reader, out BetaSchedule? betas)) return false;
        var common = new ScheduleParameters(kind, steps, betas.Timesteps) { Betas = betas, StepsOffset = offset };
        if (kind == SchedulerKind.EulerDiscrete)
        {
            if (!reader.TryFlag(out bool karras, "karras sigmas")) return false;
            value = common with { KarrasSigmas = karras };
            return true;
        }
        double range = 0;
        if (!reader.TryFlag(out bool toOne, "alpha to one") || !reader.TryFlag(out bool clips, "clip") || (clips && !reader.TryDouble(MinClip, MaxClip, out range, "clip range"))
            || !reader.TryDouble(0, 1, out double eta, "eta")) return false;
        value = common with { AlphaToOne = toOne, ClipRange = clips ? range : null, Eta = eta };
        return true;
    }

    private static ScheduleParameters Checked(ScheduleParameters parameters) =>
        parameters.Fault() is { } fault ? throw new ArgumentException($"Out of range: {fault}.", nameof(parameters)) : parameters;

    private string? Fault()
    {
        if (Steps is < 1 or > MaxSteps) return "steps";
        if (!(Eta is >= 0 and <= 1) || double.IsNegative(Eta) || (Eta > 0 && Kind != SchedulerKind.Ddim)) return "eta";
        if (Betas is null)
        {
            if (TrainTimesteps is < 1 or > BetaSchedule.MaxTimesteps) return "training timesteps";
            if (Prediction != PredictionKind.Flow) return "prediction";
            if (Spacing is not (TimestepSpacing.Linspace or TimestepSpacing.Trailing)) return "timestep spacing";
            return Shift is >= MinShift and <= MaxShift ? null : "shift";
        }
        if (Prediction is not (PredictionKind.Epsilon or PredictionKind.Velocity)) return "prediction";
        if (Steps > TrainTimesteps) return "steps";
        if (Spacing is < TimestepSpacing.Linspace or > TimestepSpacing.Trailing) return "timestep spacing";
        int last = Spacing == TimestepSpacing.Leading ? TrainTimesteps - 1 - ((Steps - 1) * (TrainTimesteps / Steps)) : 0;
        if (StepsOffset < 0 || StepsOffset > last) return "steps offset";
        return ClipRange is { } range && !(range is >= MinClip and <= MaxClip) ? "clip range" : null;
    }
}
