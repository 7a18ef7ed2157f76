using System.Numerics;
using Ogong.Numerics;

namespace Ogong.Diffusion;

/// <summary>
/// The steps of Euler discrete. σ(t) = √((1 − ᾱₜ)/ᾱₜ), linear between timesteps; the model reads x/√(σ² + 1); x' = x + (σ' − σ)·(x − x₀)/σ, the last σ' = 0, with
/// x₀ = x − σ·v for predicted noise and x/(σ² + 1) − σ/√(σ² + 1)·v for velocity.
/// </summary>
internal static class EulerDiscreteSteps
{
    private const int Rho = 7;

    public static Schedule Create(ScheduleParameters parameters)
    {
        var table = new SigmaTable(NoiseLevels.Products(parameters.Betas!));
        (BigInteger Sigma, BigInteger Timestep)[] levels = [.. Enumerable.Range(0, parameters.Steps).Select(i => Level(table, TrainTimesteps.At(parameters, i)))];
        if (parameters.KarrasSigmas) Respace(levels, table);
        BigInteger first = levels[0].Sigma;
        BigInteger scale = parameters.Spacing == TimestepSpacing.Leading ? FixedPoint.Root(FixedPoint.Multiply(first, first) + FixedPoint.One, 2) : first;
        return new Schedule(parameters, FixedPoint.Nearest(scale), levels.Select((level, i) =>
            Step(parameters.Prediction, level.Timestep, level.Sigma, i + 1 < levels.Length ? levels[i + 1].Sigma : BigInteger.Zero)));
    }

    private static ScheduleStep Step(PredictionKind prediction, BigInteger timestep, BigInteger sigma, BigInteger next)
    {
        BigInteger delta = next - sigma, power = FixedPoint.Multiply(sigma, sigma) + FixedPoint.One, root = FixedPoint.Root(power, 2);
        float t = FixedPoint.Nearest(timestep), scale = FixedPoint.Nearest(FixedPoint.Divide(FixedPoint.One, root));
        return prediction == PredictionKind.Epsilon
            ? ScheduleStep.Linear(t, scale, 1f, FixedPoint.Nearest(delta))
            : ScheduleStep.Linear(t, scale, FixedPoint.Nearest(FixedPoint.One + FixedPoint.Divide(FixedPoint.Multiply(delta, sigma), power)), FixedPoint.Nearest(FixedPoint.Divide(delta, root)));
    }

    private static (BigInteger Sigma, BigInteger Timestep) Level(SigmaTable table, (int Numerator, int Denominator) timestep)
    {
        (int low, int rest) = Math.DivRem(timestep.Numerator, timestep.Denominator);
        BigInteger sigma = rest == 0 ? table[low] : table[low] + ((table[low + 1] - table[low]) * rest / timestep.Denominator);
        return (sigma, FixedPoint.One * timestep.Numerator / timestep.Denominator);
    }

    // σᵢ = (σ_max^(1/7) + i/(N − 1)·(σ_min^(1/7) − σ_max^(1/7)))⁷ between the first and the last level, which stay; timesteps by interpolation in ln σ.
    private static void Respace((BigInteger Sigma, BigInteger Timestep)[] levels, SigmaTable table)
    {
        int last = levels.Length - 1;
        BigInteger highest = FixedPoint.Root(levels[0].Sigma, Rho), lowest = FixedPoint.Root(levels[last].Sigma, Rho);
        for (int i = 1; i < last; i++)
        {
            BigInteger root = highest + ((lowest - highest) * i / last), square = FixedPoint.Multiply(root, root);
            BigInteger sigma = FixedPoint.Multiply(FixedPoint.Multiply(FixedPoint.Multiply(square, square), square), root);
            int low = table.Below(sigma);
            BigInteger from = table.Ln(low), share = FixedPoint.Divide(FixedPoint.Ln(sigma) - from, table.Ln(low + 1) - from);
            levels[i] = (sigma, (low * FixedPoint.One) + share);
        }
    }
}
