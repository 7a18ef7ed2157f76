using Ogong.Commitments;

namespace Ogong.Diffusion;

/// <summary>How far a committed transition is from a recomputed one.</summary>
public static class LatentDistances
{
    /// <summary>
    /// <c>‖(y − x) − (ŷ − x)‖₂ / ‖ŷ − x‖₂</c> in binary64, with x the latent before, y the committed one after and ŷ the recomputed: the relative error of the change. A latent carried over unchanged
    /// is at distance 1, however short the step; equal latents are at 0. A recomputed change of zero counts as having norm 2⁻¹²⁶.
    /// </summary>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public static double OfChange(ReadOnlySpan<float> before, ReadOnlySpan<float> committed, ReadOnlySpan<float> recomputed)
    {
        if (before.Length != recomputed.Length || committed.Length != recomputed.Length) throw new ArgumentException("The latents have one size.", nameof(committed));
        double difference = 0, change = 0;
        for (int i = 0; i < recomputed.Length; i++)
        {
            double d = (double)committed[i] - recomputed[i], c = (double)recomputed[i] - before[i];
            difference += d * d;
            change += c * c;
        }
        return HiddenDistance.Ratio(difference, change);
    }
}
