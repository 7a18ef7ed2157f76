using Ogong.Bytes;

namespace Ogong.Beacon;

/// <summary>A verified value of a beacon. Nobody could know it before the round was published.</summary>
/// <param name="Chain">Names the beacon: hash of its public parameters.</param>
/// <param name="Round">Number of the round, from 1.</param>
/// <param name="Randomness">The 32 random bytes.</param>
public sealed record BeaconRound(Digest Chain, ulong Round, Digest Randomness)
{
    private static readonly HashTag Tag = new("ogong/beacon-round/1");

    /// <summary>What draws are made from: <c>H("ogong/beacon-round/1", chain ‖ u64 round ‖ randomness)</c>, so that two beacons or two rounds never share a draw.</summary>
    public Digest Value { get; } = Hash(Chain, Round, Randomness);

    private static Digest Hash(Digest chain, ulong round, Digest randomness)
    {
        using var hasher = new TaggedHasher(Tag);
        hasher.Append(chain);
        hasher.Append(round);
        hasher.Append(randomness);
        return hasher.Finish();
    }
}

/// <summary>What a beacon publishes for a round, not yet verified.</summary>
/// <param name="Round">Number of the round, from 1.</param>
/// <param name="Signature">The beacon's signature.</param>
/// <param name="PreviousSignature">The signature of the round before, where the scheme chains rounds; else empty.</param>
public sealed record SignedRound(ulong Round, ReadOnlyMemory<byte> Signature, ReadOnlyMemory<byte> PreviousSignature = default);
