using System.Numerics;
using Ogong.Numerics;

namespace Ogong.Diffusion;

/// <summary>
/// The steps of flow-matching Euler: x' = x + (σ' − σ)·v, the model reading the timestep T·σ. With S(σ) = shift·σ/(1 + (shift − 1)·σ), the noise levels are S(uᵢ), then 0, for u
/// evenly spaced from S(1) = 1 to S(1/T) (the scheduler's own: its ends are shifted already, and shifted again), or uᵢ = 1 − i/N (<see cref="TimestepSpacing.Trailing"/>).
/// </summary>
internal static class FlowMatchEulerSteps
{
    public static Schedule Create(ScheduleParameters parameters)
    {
        int steps = parameters.Steps, timesteps = parameters.TrainTimesteps;
        BigInteger one = FixedPoint.One, shift = FixedPoint.From(parameters.Shift);
        BigInteger Shifted(BigInteger sigma) => FixedPoint.Divide(FixedPoint.Multiply(shift, sigma), one + FixedPoint.Multiply(shift - one, sigma));
        BigInteger lowest = Shifted(one / timesteps);
        BigInteger Level(int i) => parameters.Spacing == TimestepSpacing.Trailing ? one * (steps - i) / steps
            : steps == 1 ? one
            : one - ((one - lowest) * i / (steps - 1));
        BigInteger[] sigmas = [.. Enumerable.Range(0, steps).Select(i => Shifted(Level(i))), BigInteger.Zero];
        return new Schedule(parameters, 1f, Enumerable.Range(0, steps).Select(i =>
            ScheduleStep.Linear(FixedPoint.Nearest(timesteps * sigmas[i]), 1f, 1f, FixedPoint.Nearest(sigmas[i + 1] - sigmas[i]))));
    }
}
