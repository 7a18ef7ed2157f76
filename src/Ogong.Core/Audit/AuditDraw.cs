using System.Globalization;
using Ogong.Beacon;
using Ogong.Bytes;
using Ogong.Commitments;

namespace Ogong.Audit;

/// <summary>
/// What a beacon round decides about one reply: whether it is audited, by whom, and which parts. Everything is a pure function of (round, record hash, purpose), so whoever holds the two
/// computes the same, and nobody can know it when the record is signed. The round must be the first after a countersigned receipt of the record
/// (<see cref="IRandomnessBeacon.FirstRoundAfter"/>): a provider that chose the round would choose its audits.
/// </summary>
/// <param name="round">The verified round.</param>
/// <param name="recordHash">Hash of the signed record.</param>
public sealed class AuditDraw(BeaconRound round, Digest recordHash)
{
    /// <summary>The whole, in the unit of coverage.</summary>
    public const uint Million = 1_000_000;

    /// <summary>Purpose of the draw of denoising steps.</summary>
    internal const string StepsPurpose = "steps";

    /// <summary>The round.</summary>
    public BeaconRound Round { get; } = round ?? throw new ArgumentNullException(nameof(round));

    /// <summary>Hash of the signed record.</summary>
    public Digest RecordHash { get; } = recordHash;

    /// <summary>Whether the reply is audited (purpose <c>audit</c>).</summary>
    /// <param name="coveragePerMillion">The coverage alpha in millionths: 1 000 000 audits every reply.</param>
    public bool IsAudited(uint coveragePerMillion)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(coveragePerMillion, Million);
        return Below("audit", (int)Million) < coveragePerMillion;
    }

    /// <summary>Which of <paramref name="candidates"/> audits (purpose <c>verifier/k</c>).</summary>
    /// <param name="candidates">Number of candidates, at least 1.</param>
    /// <param name="attempt">k: 0 first, then 1, 2, … where a verifier does not answer or its verdict is disputed.</param>
    public int Verifier(int candidates, int attempt = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(attempt);
        return Below(string.Create(CultureInfo.InvariantCulture, $"verifier/{attempt}"), candidates);
    }

    /// <summary>Distinct windows to compare, ascending (purpose <c>windows</c>); all of them, if there are not more than wanted.</summary>
    public int[] Windows(int count, int windows) => BeaconDraw.Distinct(Round.Value, RecordHash, "windows", count, windows);

    /// <summary>Distinct segments to run again, ascending (purpose <c>segments</c>); all of them, if there are not more than wanted.</summary>
    public int[] Segments(int count, int segments) => BeaconDraw.Distinct(Round.Value, RecordHash, "segments", count, segments);

    /// <summary>Distinct denoising steps to run again, ascending (purpose <c>steps</c>); all of them, if there are not more than wanted.</summary>
    public int[] Steps(int count, int steps) => BeaconDraw.Distinct(Round.Value, RecordHash, StepsPurpose, count, steps);

    /// <summary>A uniform integer in [0, bound) for a purpose of the caller's.</summary>
    public int Below(string purpose, int bound) => BeaconDraw.Below(Round.Value, RecordHash, purpose, bound);
}
