using Ogong.Bytes;
using Ogong.Commitments;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Audit;

/// <summary>The checks of a reply that need no model: signatures, binding, Merkle roots, tiling, chain, openings, stop. Each returns false once the trail has rejected.</summary>
internal sealed class ReplyChecks(Reply reply, AuditTrail trail)
{
    private readonly ReplyRecord record = reply.Record.Message;
    private readonly Order order = reply.Order.Message;
    private readonly HybridPublicKey?[] keys = new HybridPublicKey?[reply.Segments.Count];

    /// <summary>Nobody is named for a bad signature: anybody can attach one.</summary>
    private static Offender Anybody(int? segment = null) => new(OffenderRole.Holder, segment, null);

    private Offender Lead => new(OffenderRole.Lead, null, record.ProviderKeyId);

    private Offender Holder(int? segment = null) => new(OffenderRole.Holder, segment, record.ProviderKeyId);

    public static Offender Provider(SegmentAttestation segment) => new(OffenderRole.Provider, segment.Segment, segment.ProviderKeyId);

    public bool Run(IReplayGuard? guard) =>
        Signatures() && Binding() && Replay(guard) && Merkle() && Statements() && Tiling() && Chain() && Openings() && Stop();

    private bool Signatures()
    {
        if (!trail.Require(Verifies(reply.Order, reply.ConsumerKey, out _), AuditCheck.Signatures, "the order's signature does not verify", Anybody())) return false;
        if (!trail.Require(Verifies(reply.Record, reply.ProviderKey, out _), AuditCheck.Signatures, "the record's signature does not verify", Anybody())) return false;
        for (int k = 0; k < reply.Segments.Count; k++)
        {
            ReplySegment segment = reply.Segments[k];
            if (!trail.Require(Verifies(segment.Attestation, segment.PublicKey, out keys[k]), AuditCheck.Signatures, "a segment's signature does not verify", Anybody(k), k)) return false;
        }
        return true;
    }

    private static bool Verifies<T>(Signed<T> message, ReadOnlyMemory<byte> keyBytes, out HybridPublicKey? key) where T : class, ISignable<T> =>
        HybridPublicKey.TryDecode(keyBytes.Span, out key) && message.IsValid(key);

    private bool Binding()
    {
        Digest orderHash = order.Hash();
        Digest request = Protocol.RequestHash(reply.Prompt.AsSpan());
        if (!(Bind(record.OrderHash == orderHash, "the record is for another order")
            && Bind(order.RequestHash == request, "the prompt is not the one ordered")
            && Bind(record.RequestHash == request, "the record is for another prompt")
            && Bind(record.ModelRoot == order.ModelRoot, "the record is for another model than the order's")
            && Bind(record.Profile == order.Profile, "the record is for another profile than the order's")
            && Bind(record.Sampling == order.Sampling, "the record is for another sampling rule or seed than the order's")
            && Bind(record.CohortRoot == ReplyRecord.CohortRootOf(reply.Segments.Select(s => s.Attestation.Message)), "the record binds other attestations")))
            return false;
        foreach (ReplySegment segment in reply.Segments)
        {
            SegmentAttestation a = segment.Attestation.Message;
            if (!trail.Require(a.OrderHash == orderHash, AuditCheck.Binding, "an attestation is for another order", Lead, a.Segment)
                || !trail.Require(a.ModelRoot == order.ModelRoot, AuditCheck.Binding, "an attestation is for another model than the order's", Provider(a), a.Segment))
                return false;
        }
        return true;
    }

    private bool Bind(bool holds, string violation) => trail.Require(holds, AuditCheck.Binding, violation, Lead);

    private bool Replay(IReplayGuard? guard) =>
        guard is null || trail.Require(guard.TryRegister(record.Hash()), AuditCheck.Replay, "the record was presented before", Lead);

    private bool Merkle()
    {
        if (!trail.Require(TextCommitter.RootOf(reply.TextWindows.Select(w => w.Leaf)) == record.CommitRoot, AuditCheck.Merkle, "the text windows do not hash to the signed root", Holder()))
            return false;
        var tokens = reply.Tokens;
        if (!trail.Require(tokens.Length == record.TokenCount && Protocol.ResponseHash(tokens.AsSpan()) == record.ResponseHash, AuditCheck.Merkle, "the record states other tokens than its windows", Lead)
            || !trail.Require(reply.Prompt.Length == record.PromptLength, AuditCheck.Merkle, "the record states another prompt length", Lead))
            return false;
        foreach (TextWindowEvidence window in reply.TextWindows)
        {
            bool fits = (window.Sketch is null || window.Sketch.Hash(window.Leaf.Index) == window.Leaf.SketchHash)
                && (window.TopK is null || window.TopK.Hash(window.Leaf.Index) == window.Leaf.TopKHash);
            if (!trail.Require(fits, AuditCheck.Merkle, "evidence of a text window does not hash to its leaf", Holder(), null, window.Leaf.Index)) return false;
        }
        return reply.Segments.All(BoundaryRoots);
    }

    private bool BoundaryRoots(ReplySegment segment)
    {
        SegmentAttestation a = segment.Attestation.Message;
        bool inputs = BoundaryCommitment.RootOf([.. segment.Windows.Select(w => w.InputHash)]) == a.InputRoot;
        if (!trail.Require(inputs, AuditCheck.Merkle, "the input windows do not hash to the signed root", Holder(a.Segment), a.Segment)) return false;
        if (a.IsLast) return true;
        var output = new BoundaryCommitment([.. segment.Windows.Select(w => w.OutputHash)], [.. segment.Windows.Where(w => w.Sketch is not null).Select(w => w.Sketch!)]);
        return trail.Require(output.Root == a.OutputRoot, AuditCheck.Merkle, "the output windows do not hash to the signed root", Holder(a.Segment), a.Segment)
            && trail.Require(output.SketchRoot == a.SketchRoot, AuditCheck.Merkle, "the output sketches do not hash to the signed root", Holder(a.Segment), a.Segment);
    }

    // A provider that told its receiver one thing and attests another is named before the chain would name the receiver.
    private bool Statements()
    {
        for (int k = 0; k < reply.Segments.Count; k++)
        {
            SegmentAttestation a = reply.Segments[k].Attestation.Message;
            foreach (BoundaryWindow window in reply.Segments[k].Windows)
            {
                if (window.Statement is not { } signed) continue;
                BoundaryStatement s = signed.Message;
                bool ownSlot = s.OrderHash == a.OrderHash && s.Segment == a.Segment && s.Window == window.Index
                    && s.Rows == CommitmentWindow.RowsOf(window.Index, a.Rows) && signed.IsValid(keys[k]!);
                if (!trail.Require(ownSlot, AuditCheck.Statements, "a statement is not its segment's own on this window", Holder(k), k, window.Index)) return false;
                bool agrees = s.InputHash == window.InputHash && s.OutputHash == window.OutputHash && s.SketchHash == (window.Sketch?.Hash(window.Index) ?? default);
                if (!trail.Require(agrees, AuditCheck.Statements, "a provider's statement contradicts its attestation", Provider(a), k, window.Index)) return false;
            }
        }
        return true;
    }

    private bool Tiling()
    {
        int layers = reply.Segments[0].Attestation.Message.Layers, width = reply.Segments[0].Attestation.Message.Width, next = 0;
        if (!trail.Require(record.Segments == reply.Segments.Count, AuditCheck.Tiling, "the record states another number of segments", Lead)) return false;
        for (int k = 0; k < reply.Segments.Count; k++)
        {
            SegmentAttestation a = reply.Segments[k].Attestation.Message;
            bool tiles = a.Segment == k && a.Segments == reply.Segments.Count && a.FirstLayer == next && a.Layers == layers && (!a.IsLast || a.EndLayer == layers);
            if (!trail.Require(tiles, AuditCheck.Tiling, "the segments do not tile the layers", Lead, k)
                || !trail.Require(a.Width == width && a.Rows == record.Rows, AuditCheck.Tiling, "the segments disagree about the rows", Lead, k))
                return false;
            next = a.EndLayer;
        }
        return true;
    }

    private bool Chain()
    {
        IReadOnlyList<Digest> upstream = CommitmentWindow.HashTokens([.. reply.Prompt, .. reply.Tokens.AsSpan()[..^1]]);
        foreach (ReplySegment segment in reply.Segments)
        {
            SegmentAttestation a = segment.Attestation.Message;
            int broken = Enumerable.Range(0, segment.Windows.Count).FirstOrDefault(w => segment.Windows[w].InputHash != upstream[w], -1);
            if (!trail.Require(broken < 0, AuditCheck.Chain, "a provider consumed what its upstream did not produce", Provider(a), a.Segment, broken < 0 ? null : broken)) return false;
            if (!a.IsLast) upstream = [.. segment.Windows.Select(w => w.OutputHash)];
        }
        return trail.Require(reply.Segments[^1].Attestation.Message.OutputRoot == record.CommitRoot, AuditCheck.Chain, "the record commits to other text windows than the last segment", Lead);
    }

    private bool Openings()
    {
        for (int k = 1; k < reply.Segments.Count; k++)
        {
            SegmentAttestation a = reply.Segments[k].Attestation.Message;
            foreach (BoundaryWindow window in reply.Segments[k].Windows)
            {
                if (window.OpenedInput.IsEmpty) continue;
                ReadOnlySpan<float> states = window.OpenedInput.Span;
                bool committed = StateHasher.HashBoundary(window.Index, states, a.Width) == window.InputHash;
                if (!trail.Require(committed, AuditCheck.Openings, "opened states are not the committed ones", Holder(k), k, window.Index)) return false;
                if (order.Profile.IsExact) continue;
                // The sketch is defined exactly in every profile, so whoever committed to these states under this hash can have only one.
                ReplySegment producer = reply.Segments[k - 1];
                bool sketched = SrpBank.Project(states, a.Width, order.Profile.Sketch).Bytes.SequenceEqual(producer.Windows[window.Index].Sketch!.Bytes);
                if (!trail.Require(sketched, AuditCheck.Openings, "a committed sketch is not the sketch of the committed states", Provider(producer.Attestation.Message), k - 1, window.Index)) return false;
            }
        }
        return true;
    }

    private bool Stop()
    {
        SegmentAttestation last = reply.Segments[^1].Attestation.Message;
        if (!trail.Require(record.StopReason == last.StopReason, AuditCheck.Stop, "the record states another stop reason than the last segment", Lead)) return false;
        StopRule rule = order.StopRule;
        ReadOnlySpan<int> tokens = reply.Tokens.AsSpan();
        int length = 1;
        while (length < tokens.Length && rule.Decide(tokens[..length]) is null) length++;
        return trail.Require(length == tokens.Length, AuditCheck.Stop, "the reply runs past its stop", Provider(last), last.Segment, null, record.PromptLength + length)
            && trail.Require(rule.Decide(tokens) == record.StopReason, AuditCheck.Stop, "the reply ends where the order does not end it", Provider(last), last.Segment, null, record.PromptLength + tokens.Length - 1);
    }
}
