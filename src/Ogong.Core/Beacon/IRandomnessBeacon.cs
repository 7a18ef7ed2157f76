using Ogong.Bytes;

namespace Ogong.Beacon;

/// <summary>
/// A public source of randomness in numbered rounds, at stated times, that nobody can predict or steer. It verifies; how rounds are fetched is the caller's business, because a
/// verified round is the same from whoever it came.
/// </summary>
public interface IRandomnessBeacon
{
    /// <summary>Names the beacon: hash of its public parameters.</summary>
    Digest Chain { get; }

    /// <summary>Verifies a published round.</summary>
    /// <returns>The round, or null with the reason in <paramref name="failure"/>. Hostile bytes never throw.</returns>
    BeaconRound? Verify(SignedRound signed, out BeaconFailure failure);

    /// <summary>The first round published strictly after a moment: what is committed at that moment cannot depend on it.</summary>
    /// <param name="milliseconds">Milliseconds since 1970-01-01 UTC.</param>
    ulong FirstRoundAfter(long milliseconds);
}

/// <summary>Why a published round was refused.</summary>
public enum BeaconFailure : byte
{
    /// <summary>It was not.</summary>
    None = 0,

    /// <summary>Rounds start at 1.</summary>
    NoSuchRound,

    /// <summary>The signature is no point of its group; see <see cref="DrandBeacon.ExplainSignature"/>.</summary>
    MalformedSignature,

    /// <summary>The previous signature is missing, has a wrong length, or was given to a scheme that has none.</summary>
    WrongPreviousSignature,

    /// <summary>The signature is well formed and not the beacon's for this round.</summary>
    WrongSignature,
}
