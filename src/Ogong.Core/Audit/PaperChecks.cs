using Ogong.Bytes;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Audit;

/// <summary>What the papers of every kind of reply have in common: signatures, attestations of one order that tile one model, statements. Each check returns false once the trail has rejected.</summary>
internal sealed class PaperChecks(AuditTrail trail, Digest leadKeyId)
{
    public Offender Lead { get; } = new(OffenderRole.Lead, null, leadKeyId);

    public static Offender Provider(SegmentAttestation segment) => new(OffenderRole.Provider, segment.Segment, segment.ProviderKeyId);

    /// <summary>Nobody is named for a bad signature: anybody can attach one.</summary>
    public static Offender Anybody(int? segment = null) => new(OffenderRole.Holder, segment, null);

    public Offender Holder(int? segment = null) => new(OffenderRole.Holder, segment, leadKeyId);

    public bool Signature<T>(Signed<T> message, ReadOnlyMemory<byte> keyBytes, string violation, out HybridPublicKey? key, int? segment = null) where T : class, ISignable<T> =>
        trail.Require(HybridPublicKey.TryDecode(keyBytes.Span, out key) && message.IsValid(key), AuditCheck.Signatures, violation, Anybody(segment), segment);

    public bool Bind(bool holds, string violation) => trail.Require(holds, AuditCheck.Binding, violation, Lead);

    public bool Attestations(IEnumerable<SegmentAttestation> attestations, Digest orderHash, Digest modelRoot) =>
        attestations.All(a =>
            trail.Require(a.OrderHash == orderHash, AuditCheck.Binding, "an attestation is for another order", Lead, a.Segment)
            && trail.Require(a.ModelRoot == modelRoot, AuditCheck.Binding, "an attestation is for another model than the order's", Provider(a), a.Segment));

    public bool Replay(IReplayGuard? guard, Digest recordHash) =>
        guard is null || trail.Require(guard.TryRegister(recordHash), AuditCheck.Replay, "the record was presented before", Lead);

    // A provider that told its receiver one thing and attests another is named before the chain would name the receiver.
    public bool Statement(Signed<BoundaryStatement> signed, HybridPublicKey? key, SegmentAttestation a, int segment, int window, int rows, Digest input, Digest output, Digest sketch, Offender? contradicted = null)
    {
        BoundaryStatement s = signed.Message;
        bool ownSlot = s.OrderHash == a.OrderHash && s.Segment == a.Segment && s.Window == window && s.Rows == rows && key is not null && signed.IsValid(key);
        return trail.Require(ownSlot, AuditCheck.Statements, "a statement is not its segment's own on this window", Holder(segment), segment, window)
            && trail.Require(
                s.InputHash == input && s.OutputHash == output && s.SketchHash == sketch, AuditCheck.Statements, "a provider's statement contradicts its attestation", contradicted ?? Provider(a), segment, window);
    }

    public bool Tiling(IReadOnlyList<SegmentAttestation> attestations, int stated, int rows)
    {
        int layers = attestations[0].Layers, width = attestations[0].Width, next = 0;
        if (!trail.Require(stated == attestations.Count, AuditCheck.Tiling, "the record states another number of segments", Lead)) return false;
        for (int k = 0; k < attestations.Count; k++)
        {
            SegmentAttestation a = attestations[k];
            bool tiles = a.Segment == k && a.Segments == attestations.Count && a.FirstLayer == next && a.Layers == layers && (!a.IsLast || a.EndLayer == layers);
            if (!trail.Require(tiles, AuditCheck.Tiling, "the segments do not tile the layers", Lead, k)
                || !trail.Require(a.Width == width && a.Rows == rows, AuditCheck.Tiling, "the segments disagree about the rows", Lead, k))
                return false;
            next = a.EndLayer;
        }
        return true;
    }

    public bool WorkUnits(IEnumerable<SegmentAttestation> attestations, Func<SegmentAttestation, ulong> due) =>
        attestations.All(a => trail.Require(a.WorkUnits == due(a), AuditCheck.WorkUnits, "a segment bills other work units than its layers'", Provider(a), a.Segment));
}
