using Ogong.Bytes;
using Ogong.Cohorts;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Engine;

/// <summary>What a lead knows of one segment of a reply in progress.</summary>
/// <param name="index">Index of the segment.</param>
/// <param name="layers">Its layers.</param>
/// <param name="isLast">Whether it ends the model.</param>
/// <param name="provider">Who serves it first.</param>
/// <param name="inputBytes">Bytes of one row of its input.</param>
internal abstract class CohortSegment(int index, LayerRange layers, bool isLast, CohortProvider provider, int inputBytes)
{
    public int Index => index;

    public LayerRange Layers => layers;

    public bool IsLast => isLast;

    public CohortProvider Provider { get; set; } = provider;

    /// <summary>The key that the session was told it will find statements of the segment before signed with.</summary>
    public HybridPublicKey? KnownUpstream { get; set; }

    public ISegmentSession? Session { get; set; }

    public int Attempt { get; set; }

    /// <summary>Everything sent to the segment.</summary>
    public BoundaryLog Input { get; } = new(inputBytes);

    /// <summary>What the provider signed about the windows so far.</summary>
    public List<Signed<BoundaryStatement>> Statements { get; } = [];

    public SegmentClosing? Closing { get; set; }

    /// <summary>Checks that what came of a step is well formed, and that the provider signed exactly what it was sent and what it sent on.</summary>
    /// <param name="step">What it was sent.</param>
    /// <param name="result">What it answered.</param>
    /// <exception cref="SegmentException">It is not.</exception>
    public abstract void CheckStep(SegmentStep step, SegmentStepResult result);

    /// <summary>Checks a statement on one window of <paramref name="rows"/> rows.</summary>
    /// <exception cref="SegmentException">It is not on this slot, not on these hashes, or not signed.</exception>
    protected void CheckStatement(Signed<BoundaryStatement> signed, Digest order, int window, int rows, Digest input, Digest output)
    {
        BoundaryStatement statement = signed.Message;
        bool fits = statement.OrderHash == order && statement.Segment == index && statement.Attempt == Attempt
            && statement.Window == window && statement.Rows == rows
            && statement.InputHash == input && statement.OutputHash == output
            && signed.IsValid(Provider.Transport.ProviderKey);
        if (!fits) throw Misbehaved($"What it signs about window {window} is not what it was sent and what it sent on.");
    }

    /// <summary>Whether what a provider signs about the whole is signed by it and about this place.</summary>
    public bool IsOwn(Signed<SegmentAttestation> signed, Digest order, Digest modelRoot, int segments)
    {
        SegmentAttestation attestation = signed.Message;
        return signed.IsValid(Provider.Transport.ProviderKey) && attestation.OrderHash == order && attestation.ModelRoot == modelRoot
            && attestation.Segment == index && attestation.Segments == segments
            && attestation.FirstLayer == layers.First && attestation.EndLayer == layers.End && attestation.Rows == Input.Rows;
    }

    public SegmentException Misbehaved(string message) => new(SegmentFailure.Misbehaved, Provider.KeyId, message);
}
