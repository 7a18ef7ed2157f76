using System.Numerics;
using Ogong.Numerics;

namespace Ogong.Diffusion;

/// <summary>The noise levels training put on its timesteps: cumulative products ᾱ of 1 − β, as 320-bit fixed point.</summary>
internal static class NoiseLevels
{
    /// <summary>ᾱₜ = Π (1 − βᵢ), i ≤ t, for every timestep t of training; within 2⁻³⁰⁴.</summary>
    public static BigInteger[] Products(BetaSchedule betas)
    {
        var products = new BigInteger[betas.Timesteps];
        BigInteger product = FixedPoint.One;
        int t = 0;
        foreach (BigInteger kept in Kept(betas)) products[t++] = product = FixedPoint.Multiply(product, kept);
        return products;
    }

    /// <summary>σ = √((1 − ᾱ)/ᾱ).</summary>
    public static BigInteger Sigma(BigInteger product) => FixedPoint.Root(FixedPoint.Divide(FixedPoint.One - product, product), 2);

    // 1 − β of each timestep.
    private static IEnumerable<BigInteger> Kept(BetaSchedule betas) => betas.Kind switch
    {
        BetaKind.Linear => Evenly(FixedPoint.From(betas.Start), FixedPoint.From(betas.End), betas.Timesteps).Select(beta => FixedPoint.One - beta),
        BetaKind.ScaledLinear => Evenly(FixedPoint.Root(FixedPoint.From(betas.Start), 2), FixedPoint.Root(FixedPoint.From(betas.End), 2), betas.Timesteps)
            .Select(root => FixedPoint.One - FixedPoint.Multiply(root, root)),
        _ => SquaredCosine(betas.Timesteps),
    };

    private static IEnumerable<BigInteger> Evenly(BigInteger first, BigInteger last, int count)
    {
        for (int i = 0; i < count; i++) yield return count == 1 ? first : first + ((last - first) * i / (count - 1));
    }

    private static IEnumerable<BigInteger> SquaredCosine(int timesteps)
    {
        BigInteger least = FixedPoint.One / 1000, halfPi = FixedPoint.Pi / 2, before = BigInteger.Zero;
        for (int i = 0; i <= timesteps; i++)
        {
            // (i/T + 0.008)/1.008 = (1000·i + 8·T)/(1008·T)
            BigInteger cos = FixedPoint.SinCos(halfPi * ((1000 * i) + (8 * timesteps)) / (1008 * timesteps)).Cos, now = FixedPoint.Multiply(cos, cos);
            if (i > 0) yield return BigInteger.Max(FixedPoint.Divide(now, before), least);
            before = now;
        }
    }
}
