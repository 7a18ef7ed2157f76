using Ogong.Compute;
using Ogong.Diffusion;

namespace Ogong.Engine;

/// <summary>One sample's step: the timestep the model reads, and what the scheduler does with its output.</summary>
internal readonly record struct DenoiserStep(float Timestep, DenoiseRow Row)
{
    /// <summary>A step of a schedule under a guidance scale.</summary>
    public static DenoiserStep Of(ScheduleStep step, float guidance) => new(step.Timestep, new DenoiseRow(
        step.InputScale, guidance, step.DataFromLatent, step.DataFromOutput, step.DataLimit, step.FromLatent, step.FromData, step.FromOutput, step.FromNoise));

    /// <summary>An evaluation of the model alone.</summary>
    public static DenoiserStep Evaluation(float timestep) => new(timestep, new DenoiseRow(1, 1, 0, 0, float.PositiveInfinity, 0, 0, 0, 0));
}
