namespace Ogong.Diffusion;

/// <summary>
/// One step of a schedule: what the model reads as its timestep, and the coefficients of docs/exact-arithmetic.md, "Scheduler steps". With the guidance scale they are a
/// <c>Compute.DenoiseRow</c>. Each is the binary32 nearest to the real value.
/// </summary>
/// <param name="Timestep">The timestep the model is told.</param>
/// <param name="InputScale">s: the model reads s·x.</param>
/// <param name="DataFromLatent">a in x₀ = a·x + b·v.</param>
/// <param name="DataFromOutput">b in the same.</param>
/// <param name="DataLimit">x₀ is clamped to ± this; +∞ for no clamping.</param>
/// <param name="FromLatent">c in x' = c·x + d·x₀ + e·v.</param>
/// <param name="FromData">d in the same.</param>
/// <param name="FromOutput">e in the same.</param>
/// <param name="FromNoise">f in x' + f·noise, if the schedule <see cref="Schedule.AddsNoise"/>.</param>
public readonly record struct ScheduleStep(
    float Timestep, float InputScale, float DataFromLatent, float DataFromOutput, float DataLimit, float FromLatent, float FromData, float FromOutput, float FromNoise)
{
    /// <summary>A step whose update is c·x + e·v.</summary>
    internal static ScheduleStep Linear(float timestep, float inputScale, float fromLatent, float fromOutput) =>
        new(timestep, inputScale, 0, 0, float.PositiveInfinity, fromLatent, 0, fromOutput, 0);
}
