using Ogong.Diffusion;

namespace Ogong.Models;

/// <summary>What a model's <c>scheduler/scheduler_config.json</c> says; the number of steps is the caller's. Immutable.</summary>
public sealed class SchedulerConfig
{
    private readonly ScheduleParameters _oneStep;

    internal SchedulerConfig(ScheduleParameters oneStep) => _oneStep = oneStep;

    /// <summary>Which scheduler it is.</summary>
    public SchedulerKind Kind => _oneStep.Kind;

    /// <summary>The parameters for a number of steps.</summary>
    /// <param name="steps">N.</param>
    /// <param name="eta">DDIM: share of fresh noise, in [0, 1]; 0 for the others. Like the number of steps no part of the file.</param>
    /// <exception cref="ArgumentException">The number of steps or the share is out of range, or the steps do not fit the timesteps of training.</exception>
    public ScheduleParameters For(int steps, double eta = 0) => _oneStep.With(steps, eta);
}
