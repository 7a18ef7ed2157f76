using System.Numerics;
using Ogong.Numerics;

namespace Ogong.Diffusion;

/// <summary>
/// σ and ln σ of the timesteps of training, ascending. Each is computed when it is first asked for: anybody may order a schedule, and the verifier should pay for its steps only, not for the thousands of timesteps
/// that none of them touches.
/// </summary>
internal sealed class SigmaTable(BigInteger[] products)
{
    private readonly BigInteger?[] sigmas = new BigInteger?[products.Length], logarithms = new BigInteger?[products.Length];

    public BigInteger this[int timestep] => sigmas[timestep] ??= NoiseLevels.Sigma(products[timestep]);

    public BigInteger Ln(int timestep) => logarithms[timestep] ??= FixedPoint.Ln(this[timestep]);

    /// <summary>The last timestep but the highest whose σ is not above <paramref name="sigma"/>; 0 if there is none.</summary>
    public int Below(BigInteger sigma)
    {
        (int low, int high) = (0, products.Length - 1);
        while (high - low > 1)
        {
            int middle = (low + high) / 2;
            if (this[middle] <= sigma) low = middle;
            else high = middle;
        }
        return low;
    }
}
