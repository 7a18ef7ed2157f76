using System.Collections.Immutable;
using Ogong.Numerics;

namespace Ogong.Diffusion;

/// <summary>The steps of a scheduler. Every number is the binary32 nearest to the real value of the formula in docs/exact-arithmetic.md, so the same everywhere. Immutable.</summary>
public sealed class Schedule
{
    internal Schedule(ScheduleParameters parameters, float initialNoiseScale, IEnumerable<ScheduleStep> steps)
    {
        Parameters = parameters;
        InitialNoiseScale = initialNoiseScale;
        Steps = [.. steps];
    }

    /// <summary>What the steps were computed from.</summary>
    public ScheduleParameters Parameters { get; }

    /// <summary>The first latent is <c>mul(InitialNoiseScale, noise)</c>.</summary>
    public float InitialNoiseScale { get; }

    /// <summary>The N steps, from most noise to none.</summary>
    public ImmutableArray<ScheduleStep> Steps { get; }

    /// <summary>Whether every step adds fresh noise, <c>x' = fma(FromNoise, noise, x')</c>, even where the coefficient is +0: DDIM with η above 0.</summary>
    public bool AddsNoise => Parameters.Eta > 0;

    /// <summary>
    /// Fills in x_0, <c>mul(InitialNoiseScale, noise)</c> with the initial draw of the seed: anybody can compute it, without the model and in either profile to the bit.
    /// </summary>
    public void FillInitialLatent(ulong seed, Span<float> latent)
    {
        NormalNoise.Fill(seed, NormalNoise.InitialDraw, latent);
        foreach (ref float value in latent) value *= InitialNoiseScale;
    }

    /// <summary>Computes the steps.</summary>
    public static Schedule Create(ScheduleParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return parameters.Kind switch
        {
            SchedulerKind.FlowMatchEuler => FlowMatchEulerSteps.Create(parameters),
            SchedulerKind.EulerDiscrete => EulerDiscreteSteps.Create(parameters),
            _ => DdimSteps.Create(parameters),
        };
    }
}
