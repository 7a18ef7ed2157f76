using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Ogong.Bytes;

namespace Ogong.Audit;

/// <summary>How an audit ended. There is no third outcome, and no default value.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AuditOutcome>))]
public enum AuditOutcome
{
    /// <summary>Every check was passed.</summary>
    Accept = 1,

    /// <summary>A check failed.</summary>
    Reject = 2,
}

/// <summary>The checks, in the order they are made.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AuditCheck>))]
public enum AuditCheck
{
    /// <summary>Every signature verifies under the key its message names.</summary>
    Signatures = 1,

    /// <summary>Record and attestations are for this order, its prompt, profile, sampling and model.</summary>
    Binding,

    /// <summary>The record was not seen before.</summary>
    Replay,

    /// <summary>The verifier holds the model the order names.</summary>
    Model,

    /// <summary>Windows and committed latents hash to the signed roots, and evidence to the windows' hashes.</summary>
    Merkle,

    /// <summary>A trajectory starts from the noise of the order's seed.</summary>
    InitialNoise,

    /// <summary>Signed statements on boundary windows agree with the attestations of the same signer.</summary>
    Statements,

    /// <summary>The segments tile the model's layers once, in order.</summary>
    Tiling,

    /// <summary>Each segment's output root is the next one's input root, the first input is the token ids (the latents that the steps start from), the last output is the record's commitment.</summary>
    Chain,

    /// <summary>Each segment bills the work units of its layers.</summary>
    WorkUnits,

    /// <summary>Opened states are the committed ones.</summary>
    Openings,

    /// <summary>The reply ends where the order says it ends, and not before.</summary>
    Stop,

    /// <summary>Recomputation stays finite.</summary>
    Finite,

    /// <summary>States between segments, recomputed.</summary>
    BoundaryStates,

    /// <summary>Every token is the one the sampling rule chooses.</summary>
    Tokens,

    /// <summary>Last hidden states, recomputed.</summary>
    HiddenStates,

    /// <summary>Top-k log-probabilities, recomputed.</summary>
    TopK,

    /// <summary>Latents after the denoising steps replayed, recomputed.</summary>
    Steps,
}

/// <summary>
/// One measured figure. Every figure counts or measures what is wrong, so larger is always worse, 0 is perfect, and a figure fails exactly when it is greater than its threshold.
/// </summary>
/// <param name="Check">The check it belongs to.</param>
/// <param name="Name">What was counted or measured, with its unit.</param>
/// <param name="Value">The worst value found.</param>
/// <param name="Threshold">The largest value that passes.</param>
/// <param name="Segment">Segment it was found in.</param>
/// <param name="Window">Window it was found in.</param>
/// <param name="Position">Absolute position it was found at.</param>
/// <param name="Step">Denoising step it was found in, from 0.</param>
public sealed record AuditFigure(
    AuditCheck Check, string Name, double Value, double Threshold, int? Segment = null, int? Window = null, int? Position = null, int? Step = null)
{
    /// <summary>Whether the figure fails its check.</summary>
    public bool Fails => Value > Threshold;
}

/// <summary>In which capacity a party is at fault.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OffenderRole>))]
public enum OffenderRole
{
    /// <summary>Ran, or signed for, a segment.</summary>
    Provider = 1,

    /// <summary>Signed the record and put the cohort together.</summary>
    Lead,

    /// <summary>Supplied the file: something in it that nobody signed does not fit what was signed. The lead answers for it where the key id is given; where it is not, anybody could have damaged the file.</summary>
    Holder,
}

/// <summary>Who is at fault.</summary>
/// <param name="Role">In which capacity.</param>
/// <param name="Segment">Segment concerned, if one is.</param>
/// <param name="ProviderKeyId">Key id of the party; null where no signature proves who it is.</param>
public sealed record Offender(OffenderRole Role, int? Segment, Digest? ProviderKeyId);

/// <summary>Proof that a segment was re-executed: a hash over states no published value gives away.</summary>
/// <param name="Segment">The segment.</param>
/// <param name="Layer">Layer after which the states were hashed, drawn from the beacon.</param>
/// <param name="Hash">The proof (<see cref="WorkHasher"/>).</param>
public sealed record WorkProof(int Segment, int Layer, Digest Hash);

/// <summary>
/// The result of an audit. An Accept cannot hold a failing figure and a Reject names the failing figure that decided: the constructor sees to it.
/// </summary>
public sealed class Verdict
{
    internal Verdict(Digest recordHash, IEnumerable<AuditFigure> figures, IEnumerable<WorkProof> workProofs, AuditFigure? decidedBy, Offender? offender, string explanation)
    {
        (RecordHash, Figures, WorkProofs, DecidedBy, Offender, Explanation) = (recordHash, [.. figures], [.. workProofs], decidedBy, offender, explanation);
        Outcome = decidedBy is null ? AuditOutcome.Accept : AuditOutcome.Reject;
        if (decidedBy is null ? Figures.Any(f => f.Fails) || offender is not null : !decidedBy.Fails || !Figures.Contains(decidedBy))
            throw new ArgumentException("The figures contradict the outcome.", nameof(figures));
    }

    /// <summary>Accept or Reject.</summary>
    public AuditOutcome Outcome { get; }

    /// <summary>Hash of the record audited.</summary>
    public Digest RecordHash { get; }

    /// <summary>The figure that decided a Reject; null for an Accept.</summary>
    public AuditFigure? DecidedBy { get; }

    /// <summary>Who is at fault; null for an Accept, and where nobody can be named.</summary>
    public Offender? Offender { get; }

    /// <summary>One sentence for people.</summary>
    public string Explanation { get; }

    /// <summary>Every figure, in the order measured; checks after the deciding one were not made.</summary>
    public ImmutableArray<AuditFigure> Figures { get; }

    /// <summary>Proofs for the segments re-executed.</summary>
    public ImmutableArray<WorkProof> WorkProofs { get; }
}
