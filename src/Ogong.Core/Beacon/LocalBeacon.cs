using System.Buffers.Binary;
using System.Security.Cryptography;
using Ogong.Bytes;

namespace Ogong.Beacon;

/// <summary>
/// A beacon for tests and demos: the signature of a round is HMAC-SHA-256(seed, round). Whoever holds the seed knows every round in advance, so it is no source of
/// unpredictability, and its chain hash never equals that of a network.
/// </summary>
public sealed class LocalBeacon : IRandomnessBeacon
{
    private static readonly HashTag ChainTag = new("ogong/local-beacon/1");
    private readonly Digest seed;
    private readonly long genesis, period;

    /// <summary>Starts a beacon.</summary>
    /// <param name="seed">Decides every round.</param>
    /// <param name="genesisMilliseconds">Time of round 1, milliseconds since 1970-01-01 UTC.</param>
    /// <param name="periodMilliseconds">Milliseconds from one round to the next, at least 1.</param>
    public LocalBeacon(Digest seed, long genesisMilliseconds = 0, long periodMilliseconds = 3000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(periodMilliseconds, 1);
        (this.seed, genesis, period) = (seed, genesisMilliseconds, periodMilliseconds);
        using var hasher = new TaggedHasher(ChainTag);
        hasher.Append(seed);
        hasher.Append(unchecked((ulong)genesisMilliseconds));
        hasher.Append((ulong)periodMilliseconds);
        Chain = hasher.Finish();
    }

    /// <inheritdoc/>
    public Digest Chain { get; }

    /// <summary>Publishes a round, from 1.</summary>
    public SignedRound Publish(ulong round)
    {
        ArgumentOutOfRangeException.ThrowIfZero(round);
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(number, round);
        return new SignedRound(round, HMACSHA256.HashData(seed.Span, number));
    }

    /// <summary>A round of this beacon, without the detour over its signature.</summary>
    public BeaconRound Round(ulong round) => new(Chain, round, new Digest(SHA256.HashData(Publish(round).Signature.Span)));

    /// <inheritdoc/>
    public BeaconRound? Verify(SignedRound signed, out BeaconFailure failure)
    {
        ArgumentNullException.ThrowIfNull(signed);
        failure = signed.Round == 0 ? BeaconFailure.NoSuchRound
            : !signed.PreviousSignature.IsEmpty ? BeaconFailure.WrongPreviousSignature
            : signed.Signature.Length != HMACSHA256.HashSizeInBytes ? BeaconFailure.MalformedSignature
            : !signed.Signature.Span.SequenceEqual(Publish(signed.Round).Signature.Span) ? BeaconFailure.WrongSignature
            : BeaconFailure.None;
        return failure == BeaconFailure.None ? Round(signed.Round) : null;
    }

    /// <inheritdoc/>
    public ulong FirstRoundAfter(long milliseconds)
    {
        Int128 since = (Int128)milliseconds - genesis;
        return since < 0 ? 1 : (ulong)(since / period) + 2;
    }
}
