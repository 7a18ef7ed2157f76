using Ogong.Bytes;

namespace Ogong.Audit;

/// <summary>Collects figures until one fails. After that the audit must stop: <see cref="Rejected"/> is final.</summary>
internal sealed class AuditTrail(Digest recordHash)
{
    private readonly List<AuditFigure> figures = [];
    private readonly List<WorkProof> workProofs = [];
    private AuditFigure? decidedBy;
    private Offender? offender;
    private string explanation = "Every check was passed.";

    public bool Rejected => decidedBy is not null;

    /// <summary>Adds a figure. Returns false, and the audit is over, if it fails.</summary>
    public bool Measure(AuditFigure figure, Offender? atFault, string whyRejected)
    {
        if (Rejected) throw new InvalidOperationException("The audit is already decided.");
        figures.Add(figure);
        if (!figure.Fails) return true;
        (decidedBy, offender, explanation) = (figure, atFault, whyRejected);
        return false;
    }

    /// <summary>Adds a condition as a count of violations: 0 if it holds, 1 if not.</summary>
    public bool Require(bool holds, AuditCheck check, string violation, Offender? atFault, int? segment = null, int? window = null, int? position = null, int? step = null) =>
        Measure(new AuditFigure(check, violation, holds ? 0 : 1, 0, segment, window, position, step), atFault, $"{check}: {violation}.");

    public void Prove(WorkProof proof) => workProofs.Add(proof);

    public Verdict ToVerdict() => new(recordHash, figures, workProofs, decidedBy, offender, explanation);
}
