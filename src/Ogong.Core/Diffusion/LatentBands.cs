using System.Diagnostics.CodeAnalysis;
using Ogong.Bytes;
using Ogong.Records;

namespace Ogong.Diffusion;

/// <summary>
/// What the tolerance tier allows a trajectory. A distance rejects when it is strictly greater than its band. All are finite and not negative.
/// </summary>
/// <param name="Change">
/// Outer bound on the relative L2 distance of any one transition, measured against the change that it makes (<see cref="LatentDistance.OfChange"/>). Against the latent itself a bound would weaken with
/// the number of steps, and a step left out of a long trajectory would pass.
/// </param>
/// <param name="States">Outer bound on the relative L2 distance of the boundary states of any one step.</param>
/// <param name="CalibratedChange">Bound on the distance of changes pooled over all transitions of an audit, fitted from honest audits of the model; null if none was fitted.</param>
/// <param name="CalibratedStates">Likewise for the states that one segment hands on.</param>
public sealed record LatentBands(float Change, float States, float? CalibratedChange, float? CalibratedStates) : ICanonical<LatentBands>
{
    /// <summary>The outer bounds of the protocol, without calibration.</summary>
    public static LatentBands Default { get; } = new(0.10f, 0.10f, null, null);

    /// <inheritdoc/>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Single(Change);
        writer.Single(States);
        Thresholds.Write(writer, CalibratedChange);
        Thresholds.Write(writer, CalibratedStates);
    }

    /// <inheritdoc/>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out LatentBands? value)
    {
        value = null;
        if (!Thresholds.TryRead(ref reader, out float change, "change band")
            || !Thresholds.TryRead(ref reader, out float states, "states band")
            || !Thresholds.TryReadOptional(ref reader, out float? calibratedChange, "calibrated change band")
            || !Thresholds.TryReadOptional(ref reader, out float? calibratedStates, "calibrated states band"))
            return false;
        value = new LatentBands(change, states, calibratedChange, calibratedStates);
        return true;
    }

    internal bool IsValid() =>
        Thresholds.IsThreshold(Change) && Thresholds.IsThreshold(States) && Thresholds.IsThreshold(CalibratedChange ?? 0) && Thresholds.IsThreshold(CalibratedStates ?? 0);
}
