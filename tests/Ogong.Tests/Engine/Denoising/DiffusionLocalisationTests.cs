using NUnit.Framework;
using Ogong.Audit;
using Ogong.Bytes;
using Ogong.Commitments;
using Ogong.Diffusion;
using Ogong.Engine;
using Ogong.Models;
using Ogong.Records;
using Ogong.Settlement;
using Ogong.Signatures;

namespace Ogong.Tests.Engine;

/// <summary>Cohorts with one cheat in them: the audit names exactly that party, and everybody else is paid for exactly the layers and steps they ran.</summary>
[TestFixture]
internal sealed class DiffusionLocalisationTests
{
    private static readonly SettlementTerms Terms = new(SettlementPolicy.ForfeitSlice, 0, 0);

    [Test]
    public async Task EightBitWeightsAreLocalised([Values(0, 1, 2)] int segment)
    {
        using DiffusionCohort cohort = await DiffusionCohort.CreateAsync();
        LayerRange range = cohort.Ranges[segment];
        await cohort.AddAsync(20, range, SubstitutedDenoiser.WithEightBitLayers(cohort.Weights, range.First, range.Count), price: 0);
        TrajectoryReply reply = (await cohort.RunAsync()).Reply;
        Verdict verdict = await AuditAsync(cohort, reply);
        AssertNamed(verdict, OffenderRole.Provider, segment, reply.Segments[segment].Attestation.Message.ProviderKeyId, segment == 2 ? AuditCheck.Steps : AuditCheck.BoundaryStates, step: 0);
        AssertOthersArePaid(cohort, reply, verdict);

        // Alone, from the opened inputs, the others are right.
        for (int k = 0; k < 3; k++)
        {
            Verdict one = await new TrajectoryAuditor(cohort.Verifier).AuditSegmentAsync(reply, k, Protocol.RequestHash([5]), 5);
            Assert.That(one.Outcome, Is.EqualTo(k == segment ? AuditOutcome.Reject : AuditOutcome.Accept), one.Explanation);
        }
    }

    [Test]
    public async Task LayersSkippedInSomeStepsAreLocalised()
    {
        using DiffusionCohort cohort = await DiffusionCohort.CreateAsync();
        LayerRange range = cohort.Ranges[1];
        using DenoiserSegment honest = await DenoiserSegment.LoadAsync(cohort.Backend, cohort.Weights, range);
        using DenoiserSegment skipping = await DenoiserSegment.LoadAsync(cohort.Backend, SubstitutedDenoiser.WithSkippedLayer(cohort.Weights, range.First), range);
        using HybridKey key = TestCohort.Key(11);
        cohort.Replace(1, _ => new ScriptedProvider(key, cohort.Root, range, step => step is 2 or 3 ? skipping : honest));
        TrajectoryReply reply = (await cohort.RunAsync(cohort.OrderFor(stride: 1))).Reply;

        Verdict verdict = await AuditAsync(cohort, reply);
        AssertNamed(verdict, OffenderRole.Provider, 1, new Digest(key.PublicKey.KeyId), AuditCheck.BoundaryStates, step: 2);
        AssertOthersArePaid(cohort, reply, verdict);
        // Two of five steps: an audit of none but the last step misses them.
        Assert.That((await new TrajectoryAuditor(cohort.Verifier).AuditAsync(reply, default, 0)).Outcome, Is.EqualTo(AuditOutcome.Accept));
    }

    [Test]
    public async Task ALieAboutTheInputIsLocalised()
    {
        using DiffusionCohort cohort = await DiffusionCohort.CreateAsync();
        LayerRange range = cohort.Ranges[1];
        using DenoiserSegment honest = await DenoiserSegment.LoadAsync(cohort.Backend, cohort.Weights, range);
        using HybridKey key = TestCohort.Key(11);
        cohort.Replace(1, _ => new ScriptedProvider(key, cohort.Root, range, _ => honest) { Claims = (step, consumed) => step == 2 ? Protocol.RequestHash([step]) : consumed });
        // An honest lead sees it at once.
        Assert.That(() => cohort.RunAsync(), Throws.InstanceOf<CohortException>().With.InnerException.Property("Provider").EqualTo(new Digest(key.PublicKey.KeyId)));

        // One that does not look is no help: the provider's own signature on the slot names it.
        using DiffusionCohort other = await DiffusionCohort.CreateAsync();
        TrajectoryReply reply = Forge(other, (await other.RunAsync()).Reply, 1, 2, s => s with { InputHash = Protocol.RequestHash([2]) });
        Verdict verdict = await AuditAsync(other, reply);
        AssertNamed(verdict, OffenderRole.Provider, 1, new Digest(key.PublicKey.KeyId), AuditCheck.Chain, step: 2);
        AssertOthersArePaid(other, reply, verdict);
    }

    [Test]
    public async Task ALeadThatCommitsToSomethingElseThanItsCohortProducedIsNamed()
    {
        using DiffusionCohort cohort = await DiffusionCohort.CreateAsync();
        TrajectoryReply reply = (await cohort.RunAsync()).Reply;
        float[] drawn = reply.FinalLatent.ToArray();
        drawn[0] += 1;
        CommittedLatent forged = new() { Step = 5, Digest = TrajectoryHash.OfLatent(reply.Order.Message.Shape, drawn), Latent = drawn };
        Verdict verdict = await AuditAsync(cohort, Resign(cohort, reply, reply.Segments, [.. reply.Latents.SkipLast(1), forged]));
        AssertNamed(verdict, OffenderRole.Lead, null, new Digest(cohort.Lead.PublicKey.KeyId), AuditCheck.Chain, step: 4);
    }

    [Test]
    public async Task AProviderThatCheatedBeforeItFailedIsNamedAndNotTheOneThatTookOver()
    {
        using DiffusionCohort cohort = await DiffusionCohort.CreateAsync();
        LayerRange range = cohort.Ranges[1];
        using DenoiserSegment honest = await DenoiserSegment.LoadAsync(cohort.Backend, cohort.Weights, range);
        using DenoiserSegment skipping = await DenoiserSegment.LoadAsync(cohort.Backend, SubstitutedDenoiser.WithSkippedLayer(cohort.Weights, range.First), range);
        using HybridKey key = TestCohort.Key(11);
        cohort.Replace(1, _ => new FailingTransport(new ScriptedProvider(key, cohort.Root, range, step => step == 1 ? skipping : honest), 4));
        await cohort.AddAsync(20, range, price: 5);
        TrajectoryReply reply = (await cohort.RunAsync()).Reply;

        Verdict verdict = await AuditAsync(cohort, reply);
        AssertNamed(verdict, OffenderRole.Provider, 1, new Digest(key.PublicKey.KeyId), AuditCheck.BoundaryStates, step: 1);
        AssertOthersArePaid(cohort, reply, verdict);
        Assert.That(
            SegmentWork.Of(reply).Where(w => w.Segment == 1).Select(w => (w.Provider, w.Steps, w.IsAttested)),
            Is.EqualTo(new[] { (new Digest(key.PublicKey.KeyId), 3, false), (cohort.Providers[3].KeyId, 2, true) }));

        // Whoever strips the statements of the one that failed cannot frame the one that took over: it never billed those steps.
        TrajectorySegment stripped = With(reply.Segments[1], b => new StepBoundary { Step = b.Step, InputHash = b.InputHash, OutputHash = b.OutputHash, OpenedInput = b.OpenedInput });
        Verdict papers = await AuditAsync(cohort, Resign(cohort, reply, [reply.Segments[0], stripped, reply.Segments[2]], reply.Latents));
        AssertNamed(papers, OffenderRole.Holder, 1, new Digest(cohort.Lead.PublicKey.KeyId), AuditCheck.WorkUnits, step: null);
    }

    private static Task<Verdict> AuditAsync(DiffusionCohort cohort, TrajectoryReply reply) => new TrajectoryAuditor(cohort.Verifier).AuditAsync(reply, Protocol.RequestHash([9]), int.MaxValue);

    private static void AssertNamed(Verdict verdict, OffenderRole role, int? segment, Digest keyId, AuditCheck check, int? step)
    {
        Assert.That(verdict.Outcome, Is.EqualTo(AuditOutcome.Reject));
        Assert.That(verdict.Offender, Is.EqualTo(new Offender(role, segment, keyId)), verdict.Explanation);
        Assert.That((verdict.DecidedBy!.Check, verdict.DecidedBy.Step), Is.EqualTo((check, step)));
    }

    /// <summary>The offender forfeits; everybody else gets their share of the fee by layers and steps, as if nothing had happened.</summary>
    private static void AssertOthersArePaid(DiffusionCohort cohort, TrajectoryReply reply, Verdict verdict)
    {
        DiffusionOrder order = reply.Order.Message;
        IReadOnlyList<SegmentWork> work = SegmentWork.Of(reply);
        Assert.That(work.Select(w => w.WorkUnits), Is.EqualTo(work.Select(w => DenoiserWork.UnitsOf(cohort.Weights.Config, cohort.Ranges[w.Segment], order, w.Steps))));
        Assert.That(work.Where(w => w.Segment == 1).Sum(w => w.Steps), Is.EqualTo(order.Steps));
        Slice[] slices = [.. work.Select(w => new Slice(w.Provider, w.WorkUnits, !w.IsAttested || w.Provider == verdict.Offender!.ProviderKeyId))];
        FeeSplit split = FeeSplit.Compute(1_000_000, Terms, slices, lead: 0), honest = FeeSplit.Compute(1_000_000, Terms, [.. slices.Select(s => s with { Rejected = false })], lead: 0);
        for (int i = 0; i < slices.Length; i++) Assert.That(split.Payments[i].Amount, Is.EqualTo(slices[i].Rejected ? 0 : honest.Payments[i].Amount));
    }

    /// <summary>The reply with one provider's statement on one step changed and everything signed anew by provider and lead.</summary>
    private static TrajectoryReply Forge(DiffusionCohort cohort, TrajectoryReply reply, int segment, int step, Func<BoundaryStatement, BoundaryStatement> change)
    {
        using HybridKey key = TestCohort.Key((byte)(10 + segment));
        TrajectorySegment original = reply.Segments[segment];
        TrajectorySegment changed = With(original, b =>
        {
            if (b.Step != step) return b;
            Signed<BoundaryStatement> statement = change(b.Statement!.Message).Sign(key);
            return new StepBoundary { Step = step, InputHash = statement.Message.InputHash, OutputHash = statement.Message.OutputHash, Statement = statement };
        });
        Signed<SegmentAttestation> attestation = (original.Attestation.Message with
        {
            InputRoot = BoundaryCommitment.RootOf([.. changed.Steps.Select(b => b.InputHash)]),
            OutputRoot = BoundaryCommitment.RootOf([.. changed.Steps.Select(b => b.OutputHash)]),
        }).Sign(key);
        changed = new TrajectorySegment { Attestation = attestation, PublicKey = original.PublicKey, Steps = changed.Steps };
        return Resign(cohort, reply, [.. reply.Segments.Select((s, k) => k == segment ? changed : s)], reply.Latents);
    }

    private static TrajectorySegment With(TrajectorySegment segment, Func<StepBoundary, StepBoundary> change) =>
        new() { Attestation = segment.Attestation, PublicKey = segment.PublicKey, Steps = [.. segment.Steps.Select(change)] };

    private static TrajectoryReply Resign(DiffusionCohort cohort, TrajectoryReply reply, IReadOnlyList<TrajectorySegment> segments, IReadOnlyList<CommittedLatent> latents)
    {
        Digest order = reply.Order.Message.Hash();
        TrajectoryRecord record = reply.Record.Message with
        {
            CohortRoot = ReplyRecord.CohortRootOf(segments.Select(s => s.Attestation.Message)),
            TrajectoryRoot = TrajectoryHash.Root(order, CommittedSteps.Of(reply.Order.Message), [.. latents.Select(l => l.Digest)]),
            FinalLatent = latents[^1].Digest,
        };
        return new TrajectoryReply
        {
            Order = reply.Order,
            ConsumerKey = reply.ConsumerKey,
            Conditioning = reply.Conditioning,
            Latents = latents,
            Segments = segments,
            Record = record.Sign(cohort.Lead),
            ProviderKey = reply.ProviderKey,
        };
    }
}
