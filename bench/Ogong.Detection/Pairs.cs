using Ogong.Commitments;
using Ogong.Diffusion;

namespace Ogong.Detection;

/// <summary>Thresholds of the tolerance tier for one model on one pair: a provider's arithmetic, and the verifier's exact one.</summary>
/// <param name="Provider">The honest provider.</param>
/// <param name="Check">The check.</param>
/// <param name="Fitted">Fitted to all its windows: what an order states.</param>
/// <param name="HeldOut">Rejects of the odd sequences above the threshold fitted to the even ones.</param>
/// <param name="Worst">Largest figure of any window.</param>
internal sealed record Pair(string Provider, string Check, ThresholdCalibration Fitted, DetectionMeasurement HeldOut, double Worst)
{
    /// <summary>The checks that an order may state a calibrated threshold of, and the least sketch.</summary>
    public static readonly string[] Checks = ["srp-32-F16", "ks-8", "srp-4-F16", "beacon-64"];

    /// <summary>Whether a provider is the honest side of a pair.</summary>
    public static bool IsOne(Variant variant) => variant is { Kind: VariantKind.Honest, Against: Against.ExactReading };

    /// <summary>Of every honest provider that drifts, as far as it has windows enough.</summary>
    public static IEnumerable<Pair> Of(Evaluation evaluation)
    {
        foreach (VariantFigures honest in evaluation.Model.Variants.Where(v => IsOne(v.Variant)))
        {
            foreach (string check in Checks)
            {
                int c = Figures.Of(check);
                if (Evaluation.Fit(honest.Of(c)) is not { } fitted || evaluation.Fit(honest.Variant.Name, c) is not { } half) continue;
                yield return new Pair(honest.Variant.Name, check, fitted, evaluation.AboveFitted(honest, c, half.Threshold), honest.Of(c).Max());
            }
        }
    }
}
