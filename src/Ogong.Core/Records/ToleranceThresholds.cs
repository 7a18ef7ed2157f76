using System.Diagnostics.CodeAnalysis;
using Ogong.Bytes;

namespace Ogong.Records;

/// <summary>
/// What the tolerance tier allows. A figure rejects when it is strictly greater than its threshold. All are finite and not negative.
/// </summary>
/// <param name="HiddenL2">Outer bound on the relative L2 distance of hidden states at any one position.</param>
/// <param name="Ks">Outer bound on the Kolmogorov–Smirnov distance of the top-k distributions at any one position.</param>
/// <param name="GumbelMargin">How far, in Gumbel-score units (logit units when greedy), a token may be from the one the rule chooses.</param>
/// <param name="CalibratedHiddenL2">Threshold on the relative L2 distance pooled over any one window, fitted from honest runs; null if none was fitted.</param>
/// <param name="CalibratedKs">Threshold on the mean KS distance over any one window, fitted from honest runs; null if none was fitted.</param>
public sealed record ToleranceThresholds(float HiddenL2, float Ks, float GumbelMargin, float? CalibratedHiddenL2, float? CalibratedKs) : ICanonical<ToleranceThresholds>
{
    /// <summary>The outer bounds of the protocol, without calibration.</summary>
    public static ToleranceThresholds Default { get; } = new(0.10f, 0.20f, 0.5f, null, null);

    /// <inheritdoc/>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Single(HiddenL2);
        writer.Single(Ks);
        writer.Single(GumbelMargin);
        Thresholds.Write(writer, CalibratedHiddenL2);
        Thresholds.Write(writer, CalibratedKs);
    }

    /// <inheritdoc/>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out ToleranceThresholds? value)
    {
        value = null;
        if (!Thresholds.TryRead(ref reader, out float hidden, "hidden threshold")
            || !Thresholds.TryRead(ref reader, out float ks, "KS threshold")
            || !Thresholds.TryRead(ref reader, out float margin, "margin threshold")
            || !Thresholds.TryReadOptional(ref reader, out float? calibratedHidden, "calibrated hidden threshold")
            || !Thresholds.TryReadOptional(ref reader, out float? calibratedKs, "calibrated KS threshold"))
            return false;
        value = new ToleranceThresholds(hidden, ks, margin, calibratedHidden, calibratedKs);
        return true;
    }

    internal bool IsValid() =>
        Thresholds.IsThreshold(HiddenL2) && Thresholds.IsThreshold(Ks) && Thresholds.IsThreshold(GumbelMargin)
        && Thresholds.IsThreshold(CalibratedHiddenL2 ?? 0) && Thresholds.IsThreshold(CalibratedKs ?? 0);
}
