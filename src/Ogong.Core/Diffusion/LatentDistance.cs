using Ogong.Commitments;

namespace Ogong.Diffusion;

/// <summary>How far committed latents or states are from recomputed ones, as sums that can be pooled: <c>Σ(s − v)²</c> and <c>Σv²</c> in binary64, v recomputed.</summary>
/// <param name="Difference">Σ(s − v)².</param>
/// <param name="Norm">Σv².</param>
public readonly record struct LatentDistance(double Difference, double Norm)
{
    /// <summary>The relative L2 distance, <c>sqrt(Difference)/sqrt(Norm)</c>; a norm of zero counts as 2⁻¹²⁶. Larger is farther; 0 is equal.</summary>
    public double Relative => HiddenDistance.Ratio(Difference, Norm);

    /// <summary>Distance between values of one shape.</summary>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public static LatentDistance Between(ReadOnlySpan<float> committed, ReadOnlySpan<float> recomputed)
    {
        if (committed.Length != recomputed.Length) throw new ArgumentException("Both sides have one size.", nameof(committed));
        double difference = 0, norm = 0;
        for (int i = 0; i < recomputed.Length; i++)
        {
            double d = (double)committed[i] - recomputed[i];
            difference += d * d;
            norm += (double)recomputed[i] * recomputed[i];
        }
        return new LatentDistance(difference, norm);
    }

    /// <summary>
    /// Distance between the changes that a transition makes, <c>‖(y − x) − (ŷ − x)‖₂ / ‖ŷ − x‖₂</c> with x the latent before, y the committed one after and ŷ the recomputed. A latent carried over
    /// unchanged is at distance 1, however short the step.
    /// </summary>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public static LatentDistance OfChange(ReadOnlySpan<float> before, ReadOnlySpan<float> committed, ReadOnlySpan<float> recomputed)
    {
        if (before.Length != recomputed.Length || committed.Length != recomputed.Length) throw new ArgumentException("The latents have one size.", nameof(committed));
        double difference = 0, norm = 0;
        for (int i = 0; i < recomputed.Length; i++)
        {
            double d = (double)committed[i] - recomputed[i], change = (double)recomputed[i] - before[i];
            difference += d * d;
            norm += change * change;
        }
        return new LatentDistance(difference, norm);
    }

    /// <summary>The distance over both.</summary>
    public static LatentDistance operator +(LatentDistance left, LatentDistance right) => new(left.Difference + right.Difference, left.Norm + right.Norm);

    /// <inheritdoc cref="op_Addition"/>
    public static LatentDistance Add(LatentDistance left, LatentDistance right) => left + right;
}
