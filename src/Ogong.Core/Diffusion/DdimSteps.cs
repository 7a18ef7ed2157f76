using System.Numerics;
using Ogong.Numerics;

namespace Ogong.Diffusion;

/// <summary>
/// The steps of DDIM, from ᾱ = ᾱₜ to ᾱ' = ᾱ₍t − ⌊T/N⌋₎ (before timestep 0: 1, or ᾱ₀): x' = √ᾱ'·x₀ + √(1 − ᾱ' − ς²)·ε + ς·noise, ς = η·√((1 − ᾱ')/(1 − ᾱ)·(1 − ᾱ/ᾱ')), where
/// x₀ = (x − √(1 − ᾱ)·v)/√ᾱ and ε = v for predicted noise, x₀ = √ᾱ·x − √(1 − ᾱ)·v and ε = √ᾱ·v + √(1 − ᾱ)·x for velocity.
/// </summary>
internal static class DdimSteps
{
    public static Schedule Create(ScheduleParameters parameters)
    {
        BigInteger[] products = NoiseLevels.Products(parameters.Betas!);
        BigInteger end = parameters.AlphaToOne ? FixedPoint.One : products[0];
        int stride = parameters.TrainTimesteps / parameters.Steps;
        return new Schedule(parameters, 1f, Enumerable.Range(0, parameters.Steps).Select(i =>
        {
            int t = TrainTimesteps.Rounded(parameters, i);
            return Step(parameters, t, products[t], t >= stride ? products[t - stride] : end);
        }));
    }

    private static ScheduleStep Step(ScheduleParameters parameters, int timestep, BigInteger product, BigInteger next)
    {
        BigInteger one = FixedPoint.One, eta = FixedPoint.From(parameters.Eta);
        BigInteger variance = FixedPoint.Multiply(FixedPoint.Multiply(eta, eta), FixedPoint.Multiply(FixedPoint.Divide(one - next, one - product), one - FixedPoint.Divide(product, next)));
        // 1 − ᾱ' − ς² is never negative, and +0 for η = 1 at ᾱ' = 1.
        BigInteger direction = Root(one - next - variance), signal = Root(product), noise = Root(one - product);
        float limit = parameters.ClipRange is { } range ? FixedPoint.Nearest(FixedPoint.From(range)) : float.PositiveInfinity;
        float fromData = FixedPoint.Nearest(Root(next)), fromNoise = FixedPoint.Nearest(Root(variance));
        return parameters.Prediction == PredictionKind.Epsilon
            ? new ScheduleStep(
                timestep, 1f, FixedPoint.Nearest(FixedPoint.Divide(one, signal)), FixedPoint.Nearest(-FixedPoint.Divide(noise, signal)), limit,
                0f, fromData, FixedPoint.Nearest(direction), fromNoise)
            : new ScheduleStep(
                timestep, 1f, FixedPoint.Nearest(signal), FixedPoint.Nearest(-noise), limit,
                FixedPoint.Nearest(FixedPoint.Multiply(direction, noise)), fromData, FixedPoint.Nearest(FixedPoint.Multiply(direction, signal)), fromNoise);
    }

    private static BigInteger Root(BigInteger x) => FixedPoint.Root(BigInteger.Max(x, BigInteger.Zero), 2);
}
