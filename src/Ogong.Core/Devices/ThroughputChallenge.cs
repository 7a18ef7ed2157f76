using System.Collections.Immutable;
using Ogong.Beacon;
using Ogong.Bytes;
using Ogong.Commitments;

namespace Ogong.Devices;

/// <summary>Audit duty that may be part of a challenge: one segment of a reply in the exact tier, to be run again from its committed inputs.</summary>
/// <param name="RecordHash">The reply.</param>
/// <param name="Segment">The segment.</param>
/// <param name="Units">Its work units.</param>
public sealed record AuditDuty(Digest RecordHash, int Segment, ulong Units);

/// <summary>A piece of a challenge.</summary>
/// <param name="Duty">The audit duty; null for filler.</param>
/// <param name="FillerSeed">Seed of the token ids to run through the identity's layers, if it is filler; else 0.</param>
/// <param name="Units">Work units.</param>
public sealed record ChallengePiece(AuditDuty? Duty, ulong FillerSeed, ulong Units);

/// <summary>
/// What one identity has to compute in one round: audit duty first, drawn from what there is, then seeded filler up to the units its claim stands for. It is a pure function of (round, key id, duty,
/// claim), different for every identity, so no answer serves two. The answer is one digest over the exact output hashes of the pieces in order, bound to round and identity: equal
/// exactly if everything was computed, and checked against the providers' commitments (duty) and by recomputing a drawn piece (filler).
/// </summary>
public sealed class ThroughputChallenge
{
    private static readonly HashTag AnswerTag = new("ogong/throughput-answer/1"), DutyTag = new("ogong/throughput-duty/1");

    /// <summary>Draws a challenge.</summary>
    /// <param name="round">The beacon round all identities are challenged in.</param>
    /// <param name="keyId">The identity.</param>
    /// <param name="duty">Audit duty that the identity can do and that nobody has drawn this round, in any order.</param>
    /// <param name="units">Work units that the claim stands for: <see cref="ThroughputPolicy.Units"/>.</param>
    /// <param name="fillerUnits">Work units of one piece of filler, at least 1.</param>
    public ThroughputChallenge(BeaconRound round, Digest keyId, IEnumerable<AuditDuty> duty, ulong units, ulong fillerUnits)
    {
        ArgumentNullException.ThrowIfNull(round);
        ArgumentNullException.ThrowIfNull(duty);
        ArgumentOutOfRangeException.ThrowIfZero(fillerUnits);
        (Round, KeyId) = (round, keyId);
        var pieces = ImmutableArray.CreateBuilder<ChallengePiece>();
        ulong left = units;
        // In the order of their draws, as long as they fit.
        foreach (AuditDuty piece in duty.OrderBy(Order).Where(piece => piece.Units > 0))
        {
            if (piece.Units > left) continue;
            pieces.Add(new ChallengePiece(piece, 0, piece.Units));
            left -= piece.Units;
        }
        for (int i = 0; left > 0; i++)
        {
            ulong size = Math.Min(left, fillerUnits);
            pieces.Add(new ChallengePiece(null, BeaconDraw.Below(round.Value, keyId, $"filler/{i}", ulong.MaxValue), size));
            left -= size;
        }
        Pieces = pieces.ToImmutable();

        Digest Order(AuditDuty piece)
        {
            using var hasher = new TaggedHasher(DutyTag);
            hasher.Append(round.Value);
            hasher.Append(keyId);
            hasher.Append(piece.RecordHash);
            hasher.Append((uint)piece.Segment);
            return hasher.Finish();
        }
    }

    /// <summary>The round.</summary>
    public BeaconRound Round { get; }

    /// <summary>The identity.</summary>
    public Digest KeyId { get; }

    /// <summary>What is to be computed, in order.</summary>
    public ImmutableArray<ChallengePiece> Pieces { get; }

    /// <summary>The answer for the pieces' output hashes, in order.</summary>
    /// <exception cref="ArgumentException">There is not one hash per piece.</exception>
    public Digest Answer(IReadOnlyList<Digest> outputs)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        if (outputs.Count != Pieces.Length) throw new ArgumentException("One hash per piece.", nameof(outputs));
        using var hasher = new TaggedHasher(AnswerTag);
        hasher.Append(Round.Value);
        hasher.Append(KeyId);
        foreach (Digest output in outputs) hasher.Append(output);
        return hasher.Finish();
    }

    /// <summary>The piece of filler that the next round draws for recomputation by others; null if there is no filler.</summary>
    public int? DrawnFiller(BeaconRound next)
    {
        ArgumentNullException.ThrowIfNull(next);
        int first = Pieces.Count(piece => piece.Duty is not null);
        return first == Pieces.Length ? null : first + BeaconDraw.Below(next.Value, KeyId, "filler-check", Pieces.Length - first);
    }
}
