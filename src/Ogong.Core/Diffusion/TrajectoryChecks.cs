using Ogong.Audit;
using Ogong.Bytes;
using Ogong.Commitments;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Diffusion;

/// <summary>The checks of a trajectory that need no model: signatures, binding, roots, openings, initial noise, statements, tiling, chain, stop. Each returns false once the trail has rejected.</summary>
internal sealed class TrajectoryChecks(TrajectoryReply reply, AuditTrail trail)
{
    private readonly TrajectoryRecord record = reply.Record.Message;
    private readonly DiffusionOrder order = reply.Order.Message;
    private readonly SegmentAttestation[] attestations = [.. reply.Segments.Select(s => s.Attestation.Message)];
    private readonly HybridPublicKey?[] keys = new HybridPublicKey?[reply.Segments.Count];
    private readonly PaperChecks papers = new(trail, reply.Record.Message.ProviderKeyId);

    /// <summary>x_0, made from the order's seed; null before the check of the initial noise.</summary>
    public float[]? InitialLatent { get; private set; }

    public bool Run(IReplayGuard? guard) =>
        Signatures() && Binding() && papers.Replay(guard, record.Hash()) && Merkle() && Latents() && InitialNoise() && Statements()
        && papers.Tiling(attestations, record.Segments, order.Steps) && Chain() && States() && Stop();

    /// <summary>Who ran a step of a segment: the provider whose statement on it another one's attestation took over, else the one that attests.</summary>
    public static Offender ProviderOf(TrajectorySegment segment, int step)
    {
        SegmentAttestation a = segment.Attestation.Message;
        StepBoundary boundary = segment.Steps[step];
        return boundary is { ProviderKey.IsEmpty: false, Statement: { } statement } ? new Offender(OffenderRole.Provider, a.Segment, statement.Message.ProviderKeyId) : PaperChecks.Provider(a);
    }

    private bool Signatures()
    {
        if (!papers.Signature(reply.Order, reply.ConsumerKey, "the order's signature does not verify", out _)
            || !papers.Signature(reply.Record, reply.ProviderKey, "the record's signature does not verify", out _))
            return false;
        for (int k = 0; k < keys.Length; k++)
            if (!papers.Signature(reply.Segments[k].Attestation, reply.Segments[k].PublicKey, "a segment's signature does not verify", out keys[k], k)) return false;
        return true;
    }

    private bool Binding()
    {
        Digest orderHash = order.Hash();
        return papers.Bind(record.OrderHash == orderHash, "the record is for another order")
            && papers.Bind(reply.Conditioning.Hash() == order.ConditioningHash, "the conditioning is not the one ordered")
            && papers.Bind(record.ModelRoot == order.ModelRoot, "the record is for another model than the order's")
            && papers.Bind(record.Profile == order.Profile, "the record is for another profile than the order's")
            && papers.Bind(record.Steps == order.Steps, "the record is for another number of steps than the order's")
            && papers.Bind(record.CohortRoot == ReplyRecord.CohortRootOf(attestations), "the record binds other attestations")
            && papers.Attestations(attestations, orderHash, order.ModelRoot);
    }

    private bool Merkle()
    {
        Digest[] digests = [.. reply.Latents.Select(l => l.Digest)];
        CommittedSteps committed = CommittedSteps.Of(order);
        bool grid = digests.Length == committed.Count && Enumerable.Range(0, digests.Length).All(i => reply.Latents[i].Step == committed[i]);
        return trail.Require(grid && TrajectoryHash.Root(order.Hash(), committed, digests) == record.TrajectoryRoot, AuditCheck.Merkle, "the latents do not hash to the signed root", papers.Holder())
            && trail.Require(digests[^1] == record.FinalLatent, AuditCheck.Merkle, "the record states another final latent than its trajectory", papers.Lead, step: order.Steps - 1)
            && reply.Segments.All(Roots);
    }

    private bool Roots(TrajectorySegment segment)
    {
        SegmentAttestation a = segment.Attestation.Message;
        return trail.Require(BoundaryCommitment.RootOf([.. segment.Steps.Select(s => s.InputHash)]) == a.InputRoot, AuditCheck.Merkle, "the inputs of the steps do not hash to the signed root", papers.Holder(a.Segment), a.Segment)
            && trail.Require(BoundaryCommitment.RootOf([.. segment.Steps.Select(s => s.OutputHash)]) == a.OutputRoot, AuditCheck.Merkle, "the outputs of the steps do not hash to the signed root", papers.Holder(a.Segment), a.Segment);
    }

    private bool Latents() => reply.Latents.All(l =>
        l.Latent.IsEmpty && l.Step < order.Steps
        || trail.Require(
            l.Latent.Length == order.Shape.Count && TrajectoryHash.OfLatent(order.Shape, l.Latent.Span) == l.Digest, AuditCheck.Openings, "an opened latent is not the committed one", papers.Holder(), step: Math.Max(0, l.Step - 1)));

    private bool InitialNoise()
    {
        InitialLatent = order.CreateInitialLatent();
        return trail.Require(
            TrajectoryHash.OfLatent(order.Shape, InitialLatent) == reply.Latents[0].Digest, AuditCheck.InitialNoise, "the trajectory does not start from the noise of the order's seed", papers.Lead, step: 0);
    }

    private bool Statements()
    {
        for (int k = 0; k < attestations.Length; k++)
        {
            int own = 0;
            foreach (StepBoundary step in reply.Segments[k].Steps)
            {
                // Who attests goes on where others failed, so their steps come first, and only their statements say that they ran them.
                bool isOwn = step.ProviderKey.IsEmpty;
                own += isOwn ? 1 : 0;
                if (!trail.Require(isOwn || (own == 0 && step.Statement is not null), AuditCheck.Statements, "a step of another provider is not signed, or out of its place", papers.Holder(k), k, step: step.Step)) return false;
                if (step.Statement is not { } signed) continue;
                HybridPublicKey? key = keys[k];
                if (!isOwn) HybridPublicKey.TryDecode(step.ProviderKey.Span, out key);
                // What another one signed cannot contradict an attestation that only repeats it.
                Offender contradicted = isOwn ? PaperChecks.Provider(attestations[k]) : papers.Holder(k);
                if (!papers.Statement(signed, key, attestations[k], k, step.Step, 1, step.InputHash, step.OutputHash, default, contradicted)) return false;
            }
        }
        return true;
    }

    // A ring: what the last segment leaves in one step is what the first takes in the next.
    private bool Chain()
    {
        IReadOnlyList<StepBoundary> last = reply.Segments[^1].Steps;
        IReadOnlyList<Digest> upstream = [reply.Latents[0].Digest, .. last.Take(last.Count - 1).Select(s => s.OutputHash)];
        foreach (TrajectorySegment segment in reply.Segments)
        {
            SegmentAttestation a = segment.Attestation.Message;
            if (!trail.Require(segment.Steps.Count == order.Steps && a.SketchRoot.IsZero, AuditCheck.Chain, "an attestation is not one of a trajectory", PaperChecks.Provider(a), a.Segment)) return false;
            int broken = Enumerable.Range(0, order.Steps).FirstOrDefault(s => segment.Steps[s].InputHash != upstream[s], -1);
            if (!trail.Require(broken < 0, AuditCheck.Chain, "a provider consumed what its upstream did not produce", broken < 0 ? null : ProviderOf(segment, broken), a.Segment, step: broken < 0 ? null : broken)) return false;
            upstream = [.. segment.Steps.Select(s => s.OutputHash)];
        }
        CommittedLatent? other = reply.Latents.Skip(1).FirstOrDefault(l => l.Digest != upstream[l.Step - 1]);
        return trail.Require(other is null, AuditCheck.Chain, "the record commits to another latent than the last segment produced", papers.Lead, step: other?.Step - 1);
    }

    private bool States()
    {
        foreach (TrajectorySegment segment in reply.Segments.Skip(1))
        {
            SegmentAttestation a = segment.Attestation.Message;
            foreach (StepBoundary step in segment.Steps)
            {
                if (step.OpenedInput.IsEmpty) continue;
                bool committed = step.OpenedInput.Length % a.Width == 0 && TrajectoryHash.OfStates(step.Step, step.OpenedInput.Span, a.Width) == step.InputHash;
                if (!trail.Require(committed, AuditCheck.Openings, "opened states are not the committed ones", papers.Holder(a.Segment), a.Segment, step: step.Step)) return false;
            }
        }
        return true;
    }

    private bool Stop() => trail.Require(
        attestations[^1].StopReason == StopReason.AllSteps, AuditCheck.Stop, "the last segment does not attest that every step was run", PaperChecks.Provider(attestations[^1]), attestations.Length - 1);
}
