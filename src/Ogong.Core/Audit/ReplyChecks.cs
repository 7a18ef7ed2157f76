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

    private readonly PaperChecks papers = new(trail, reply.Record.Message.ProviderKeyId);

    private IReadOnlyList<SegmentAttestation> Attestations => [.. reply.Segments.Select(s => s.Attestation.Message)];

    public bool Run(IReplayGuard? guard) =>
        Signatures() && Binding() && papers.Replay(guard, record.Hash()) && Merkle() && Statements() && papers.Tiling(Attestations, record.Segments, record.Rows) && Chain() && Openings() && Stop();

    private bool Signatures()
    {
        if (!papers.Signature(reply.Order, reply.ConsumerKey, "the order's signature does not verify", out _)
            || !papers.Signature(reply.Record, reply.ProviderKey, "the record's signature does not verify", out _))
            return false;
        for (int k = 0; k < reply.Segments.Count; k++)
        {
            ReplySegment segment = reply.Segments[k];
            if (!papers.Signature(segment.Attestation, segment.PublicKey, "a segment's signature does not verify", out keys[k], k)) return false;
        }
        return true;
    }

    private bool Binding()
    {
        Digest orderHash = order.Hash();
        Digest request = Protocol.RequestHash(reply.Prompt.AsSpan());
        return papers.Bind(record.OrderHash == orderHash, "the record is for another order")
            && papers.Bind(order.RequestHash == request, "the prompt is not the one ordered")
            && papers.Bind(record.RequestHash == request, "the record is for another prompt")
            && papers.Bind(record.ModelRoot == order.ModelRoot, "the record is for another model than the order's")
            && papers.Bind(record.Profile == order.Profile, "the record is for another profile than the order's")
            && papers.Bind(record.Sampling == order.Sampling, "the record is for another sampling rule or seed than the order's")
            && papers.Bind(record.CohortRoot == ReplyRecord.CohortRootOf(Attestations), "the record binds other attestations")
            && papers.Attestations(Attestations, orderHash, order.ModelRoot);
    }

    private bool Merkle()
    {
        if (!trail.Require(TextCommitter.RootOf(reply.TextWindows.Select(w => w.Leaf)) == record.CommitRoot, AuditCheck.Merkle, "the text windows do not hash to the signed root", papers.Holder()))
            return false;
        var tokens = reply.Tokens;
        if (!trail.Require(tokens.Length == record.TokenCount && Protocol.ResponseHash(tokens.AsSpan()) == record.ResponseHash, AuditCheck.Merkle, "the record states other tokens than its windows", papers.Lead)
            || !trail.Require(reply.Prompt.Length == record.PromptLength, AuditCheck.Merkle, "the record states another prompt length", papers.Lead))
            return false;
        foreach (TextWindowEvidence window in reply.TextWindows)
        {
            bool fits = (window.Sketch is null || window.Sketch.Hash(window.Leaf.Index) == window.Leaf.SketchHash)
                && (window.TopK is null || window.TopK.Hash(window.Leaf.Index) == window.Leaf.TopKHash);
            if (!trail.Require(fits, AuditCheck.Merkle, "evidence of a text window does not hash to its leaf", papers.Holder(), null, window.Leaf.Index)) return false;
        }
        return reply.Segments.All(BoundaryRoots);
    }

    private bool BoundaryRoots(ReplySegment segment)
    {
        SegmentAttestation a = segment.Attestation.Message;
        bool inputs = BoundaryCommitment.RootOf([.. segment.Windows.Select(w => w.InputHash)]) == a.InputRoot;
        if (!trail.Require(inputs, AuditCheck.Merkle, "the input windows do not hash to the signed root", papers.Holder(a.Segment), a.Segment)) return false;
        if (a.IsLast) return true;
        var output = new BoundaryCommitment([.. segment.Windows.Select(w => w.OutputHash)], [.. segment.Windows.Where(w => w.Sketch is not null).Select(w => w.Sketch!)]);
        return trail.Require(output.Root == a.OutputRoot, AuditCheck.Merkle, "the output windows do not hash to the signed root", papers.Holder(a.Segment), a.Segment)
            && trail.Require(output.SketchRoot == a.SketchRoot, AuditCheck.Merkle, "the output sketches do not hash to the signed root", papers.Holder(a.Segment), a.Segment);
    }

    private bool Statements()
    {
        for (int k = 0; k < reply.Segments.Count; k++)
        {
            SegmentAttestation a = reply.Segments[k].Attestation.Message;
            foreach (BoundaryWindow window in reply.Segments[k].Windows)
            {
                if (window.Statement is not { } signed) continue;
                int rows = CommitmentWindow.RowsOf(window.Index, a.Rows);
                if (!papers.Statement(signed, keys[k], a, k, window.Index, rows, window.InputHash, window.OutputHash, window.Sketch?.Hash(window.Index) ?? default)) return false;
            }
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
            if (!trail.Require(broken < 0, AuditCheck.Chain, "a provider consumed what its upstream did not produce", PaperChecks.Provider(a), a.Segment, broken < 0 ? null : broken)) return false;
            if (!a.IsLast) upstream = [.. segment.Windows.Select(w => w.OutputHash)];
        }
        return trail.Require(reply.Segments[^1].Attestation.Message.OutputRoot == record.CommitRoot, AuditCheck.Chain, "the record commits to other text windows than the last segment", papers.Lead);
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
                if (!trail.Require(committed, AuditCheck.Openings, "opened states are not the committed ones", papers.Holder(k), k, window.Index)) return false;
                if (order.Profile.IsExact) continue;
                // The sketch is defined exactly in every profile, so whoever committed to these states under this hash can have only one.
                ReplySegment producer = reply.Segments[k - 1];
                bool sketched = SrpBank.Project(states, a.Width, order.Profile.Sketch).Bytes.SequenceEqual(producer.Windows[window.Index].Sketch!.Bytes);
                if (!trail.Require(sketched, AuditCheck.Openings, "a committed sketch is not the sketch of the committed states", PaperChecks.Provider(producer.Attestation.Message), k - 1, window.Index)) return false;
            }
        }
        return true;
    }

    private bool Stop()
    {
        SegmentAttestation last = reply.Segments[^1].Attestation.Message;
        if (!trail.Require(record.StopReason == last.StopReason, AuditCheck.Stop, "the record states another stop reason than the last segment", papers.Lead)) return false;
        StopRule rule = order.StopRule;
        ReadOnlySpan<int> tokens = reply.Tokens.AsSpan();
        int length = 1;
        while (length < tokens.Length && rule.Decide(tokens[..length]) is null) length++;
        return trail.Require(length == tokens.Length, AuditCheck.Stop, "the reply runs past its stop", PaperChecks.Provider(last), last.Segment, null, record.PromptLength + length)
            && trail.Require(rule.Decide(tokens) == record.StopReason, AuditCheck.Stop, "the reply ends where the order does not end it", PaperChecks.Provider(last), last.Segment, null, record.PromptLength + tokens.Length - 1);
    }
}
