using Ogong.Cohorts;
using Ogong.Records;

namespace Ogong.Diffusion;

/// <summary>Opens a session for a diffusion trajectory, at its first step or, where another session failed, at a later one.</summary>
public sealed record DiffusionOpening : SegmentOpening
{
    /// <summary>The consumer's order.</summary>
    public required Signed<DiffusionOrder> Order { get; init; }

    /// <summary>What the order's conditioning hash stands for.</summary>
    public required Conditioning Conditioning { get; init; }

    /// <summary>
    /// The statements on steps 0, 1, … that were run in this place before, whoever ran them; the session goes on with the next step. It attests to all of them and bills its own.
    /// </summary>
    public IReadOnlyList<Signed<BoundaryStatement>> Earlier { get; init; } = [];

    /// <summary>Public keys of those who signed them.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> EarlierKeys { get; init; } = [];

    /// <summary>For the last segment after an earlier session: the latent that went before the next step, which it advances, as little-endian binary32; else empty.</summary>
    public ReadOnlyMemory<byte> Latent { get; init; }
}
