using NUnit.Framework;
using Ogong.Audit;
using Ogong.Bytes;
using Ogong.Cohorts;
using Ogong.Diffusion;
using Ogong.Engine;
using Ogong.Models;
using Ogong.Records;

namespace Ogong.Tests.Engine;

/// <summary>Trajectories of cohorts: whoever runs which layers, and whoever fails in between, the bits are those of one machine.</summary>
[TestFixture]
internal sealed class DiffusionCohortTests
{
    [TestCase("image", 2f, 1), TestCase("image", 1f, 4), TestCase("audio", 2f, 3), TestCase("video", 2f, 2), TestCase("text", 3f, 3)]
    public async Task AnySplitGivesTheBitsOfOneMachine(string kind, float guidance, int segments)
    {
        var weights = new TinyDenoiser(TinyDenoiser.All.Single(c => c.Name == kind).Config with { Layers = 4 });
        using DiffusionCohort cohort = await DiffusionCohort.CreateAsync([TestBackends.CreateFastest()], weights, LayerRange.Split(4, segments));
        // Fresh noise in every step, which the last segment adds.
        Signed<DiffusionOrder> order = cohort.OrderFor(guidance: guidance, schedule: ScheduleParameters.Ddim(5, BetaSchedule.Linear(), eta: 0.5), stride: 1);

        TrajectoryReply reply = (await cohort.RunAsync(order)).Reply;

        using var alone = new Denoiser([cohort.Whole]);
        DenoiserResult one = await alone.RunAsync(new DenoiserRequest
        {
            Conditioning = cohort.Conditioning,
            Schedule = Schedule.Create(order.Message.Schedule),
            Seed = order.Message.Seed,
            Guidance = guidance,
            Stride = 1,
        });
        Assert.That(reply.Latents.Select(l => l.Latent.ToArray()), Is.EqualTo(one.Trajectory.Select(l => l.ToArray())));
        Assert.That(reply.Segments, Has.Count.EqualTo(segments));
        await AssertAcceptedAsync(cohort, reply);
    }

    [Test]
    public async Task ATrajectoryWhoseFileNobodyWouldReadIsRefusedBeforeAnythingRuns()
    {
        using DiffusionCohort cohort = await DiffusionCohort.CreateAsync();
        DenoiserConfig large = cohort.Weights.Config with { Shape = new LatentShape(cohort.Weights.Config.Shape.Channels, 256, 256) };
        Signed<DiffusionOrder> order = (cohort.OrderFor(steps: 250, stride: 250).Message with { Shape = large.Shape }).Sign(cohort.Consumer);
        using var store = new MemoryRetentionStore(long.MaxValue);
        Assert.That(
            () => new DenoiserLead(large, cohort.Root, cohort.Providers, cohort.Lead, store).RunAsync(order, cohort.Consumer.PublicKey, cohort.Conditioning),
            Throws.InstanceOf<CohortException>().With.Message.Contains("opened boundaries"));
        // With the states left out it fits, and the run gets as far as providers whose model is a smaller one.
        Assert.That(
            () => new DenoiserLead(large, cohort.Root, cohort.Providers, cohort.Lead, store, new CohortOptions { OpenBoundaries = false }).RunAsync(order, cohort.Consumer.PublicKey, cohort.Conditioning),
            Throws.InstanceOf<CohortException>().With.Message.Contains("makes latents of"));
    }

    [Test]
    public async Task AHonestTrajectoryIsAcceptedWholeAndBySegmentInBothTiers([Values] bool exact)
    {
        using DiffusionCohort cohort = await DiffusionCohort.CreateAsync();
        TrajectoryReply reply = (await cohort.RunAsync(cohort.OrderFor(profile: exact ? LatentProfile.Exact : LatentProfile.Fast(), stride: 1))).Reply;
        await AssertAcceptedAsync(cohort, reply);
        for (int k = 0; k < 3; k++)
        {
            Verdict verdict = await new TrajectoryAuditor(cohort.Verifier).AuditSegmentAsync(reply, k, Protocol.RequestHash([3]), 2);
            Assert.That(verdict.Outcome, Is.EqualTo(AuditOutcome.Accept), verdict.Explanation);
        }
    }

    [Test]
    public async Task BoundariesAndTheFileAreRetained()
    {
        using DiffusionCohort cohort = await DiffusionCohort.CreateAsync();
        using var store = new MemoryRetentionStore(64 << 20);
        TrajectoryReply reply = (await cohort.RunAsync(retention: store)).Reply;
        Digest order = reply.Order.Message.Hash();
        using var file = new MemoryStream();
        reply.WriteTo(file);
        Assert.That(store.TryGet(new RetentionKey(order, RetainedKind.Reply), out byte[]? kept));
        Assert.That(kept, Is.EqualTo(file.ToArray()));
        for (int step = 0; step < 5; step++)
        {
            Assert.That(store.TryGet(new RetentionKey(order, RetainedKind.BoundaryWindow, 2, step), out byte[]? states));
            Assert.That(TrajectoryHash.OfStates(step, StateBytes.Singles(states), cohort.Weights.Config.Width), Is.EqualTo(reply.Segments[0].Steps[step].OutputHash));
        }
        using var tiny = new MemoryRetentionStore(1000);
        Assert.That(() => cohort.RunAsync(retention: tiny), Throws.InstanceOf<CohortException>());
        Assert.That(tiny.Used, Is.Zero);
    }

    [Test]
    public async Task BoundariesAreOpenedOnlyWhenAsked()
    {
        using DiffusionCohort cohort = await DiffusionCohort.CreateAsync();
        TrajectoryResult result = await cohort.CreateLead(new CohortOptions { OpenBoundaries = false }).RunAsync(cohort.OrderFor(), cohort.Consumer.PublicKey, cohort.Conditioning);
        Assert.That(result.Reply.Segments.SelectMany(s => s.Steps).All(s => s.OpenedInput.IsEmpty));
        await AssertAcceptedAsync(cohort, result.Reply);
    }

    [TestCase(0, 0), TestCase(0, 1), TestCase(0, 4), TestCase(1, 2), TestCase(2, 0), TestCase(2, 3), TestCase(0, int.MaxValue), TestCase(1, int.MaxValue), TestCase(2, int.MaxValue)]
    public async Task AKilledSegmentIsReplacedAndNoBitChanges(int segment, int step)
    {
        using DiffusionCohort cohort = await DiffusionCohort.CreateAsync();
        TrajectoryReply undisturbed = (await cohort.RunAsync()).Reply;
        await cohort.AddAsync(20, cohort.Ranges[segment], price: 5);
        cohort.Replace(segment, inner => new FailingTransport(inner, step));

        TrajectoryResult result = await cohort.RunAsync();

        Assert.That(result.Replacements.Single(), Has.Property("Segment").EqualTo(segment).And.Property("By").EqualTo(cohort.Providers[3].KeyId));
        AssertSameRoots(result.Reply, undisturbed);
        // The new provider shows on one step of the old one that it computes the same, goes on from there, and bills what it ran.
        int own = 5 - Math.Max(0, Math.Min(step, 5) - 1);
        SegmentAttestation attestation = result.Reply.Segments[segment].Attestation.Message;
        Assert.That(attestation.ProviderKeyId, Is.EqualTo(cohort.Providers[3].KeyId));
        Assert.That(attestation.WorkUnits, Is.EqualTo(undisturbed.Segments[segment].Attestation.Message.WorkUnits / 5 * (ulong)own));
        Assert.That(result.Reply.Segments[segment].Steps.Count(s => s.ProviderKey.IsEmpty), Is.EqualTo(own));
        await AssertAcceptedAsync(cohort, result.Reply);
        await AssertAcceptedAsync(cohort, RoundTrip(result.Reply));
    }

    [TestCase(1, 2), TestCase(2, 4), TestCase(0, int.MaxValue), TestCase(2, int.MaxValue)]
    public async Task AReplacementInTheToleranceTierPassesItsAudit(int segment, int step)
    {
        using DiffusionCohort cohort = await DiffusionCohort.CreateAsync();
        await cohort.AddAsync(20, cohort.Ranges[segment], price: 5);
        cohort.Replace(segment, inner => new FailingTransport(inner, step));
        TrajectoryResult result = await cohort.RunAsync(cohort.OrderFor(profile: LatentProfile.Fast()));
        await AssertAcceptedAsync(cohort, result.Reply);
        Assert.That(result.Reply.Segments[segment].Steps.Count(s => !s.ProviderKey.IsEmpty), Is.EqualTo(Math.Min(step, 4)));
    }

    [Test]
    public async Task TwoProvidersOfOneSegmentMayFail()
    {
        using DiffusionCohort cohort = await DiffusionCohort.CreateAsync();
        TrajectoryReply undisturbed = (await cohort.RunAsync()).Reply;
        await cohort.AddAsync(20, cohort.Ranges[1], price: 5, transport: host => new FailingTransport(new InProcessTransport(host), 4));
        await cohort.AddAsync(21, cohort.Ranges[1], price: 6);
        cohort.Replace(1, inner => new FailingTransport(inner, 2));
        TrajectoryResult result = await cohort.RunAsync();
        Assert.That(result.Replacements, Has.Count.EqualTo(2));
        AssertSameRoots(result.Reply, undisturbed);
        Assert.That(result.Reply.Segments[1].Steps.Select(s => s.Statement!.Message.ProviderKeyId), Is.EqualTo(new[] { 1, 3, 3, 4, 4 }.Select(i => cohort.Providers[i].KeyId)));
        await AssertAcceptedAsync(cohort, result.Reply);
    }

    [TestCase(true, 3), TestCase(true, int.MaxValue), TestCase(false, 3), TestCase(false, int.MaxValue)]
    public async Task ACohortOfOneIsItsOwnUpstream(bool exact, int step)
    {
        using DiffusionCohort cohort = await DiffusionCohort.CreateAsync([TestBackends.CreateFastest()], new TinyDenoiser(DiffusionCohort.Config), [new(0, 4)]);
        await cohort.AddAsync(20, cohort.Ranges[0], price: 5);
        cohort.Replace(0, inner => new FailingTransport(inner, step));
        TrajectoryResult result = await cohort.RunAsync(cohort.OrderFor(profile: exact ? LatentProfile.Exact : LatentProfile.Fast()));
        Assert.That(result.Replacements, Has.Count.EqualTo(1));
        await AssertAcceptedAsync(cohort, result.Reply);
    }

    [Test]
    public async Task AReplacementThatComputesSomethingElseIsReplacedAndEverybodyStartsOver()
    {
        using DiffusionCohort cohort = await DiffusionCohort.CreateAsync();
        TrajectoryReply undisturbed = (await cohort.RunAsync()).Reply;
        await cohort.AddAsync(20, cohort.Ranges[1], SubstitutedDenoiser.WithEightBitLayers(cohort.Weights, 2, 1), price: 5);
        await cohort.AddAsync(21, cohort.Ranges[1], price: 6);
        cohort.Replace(1, inner => new FailingTransport(inner, 3));
        TrajectoryResult result = await cohort.RunAsync();
        Assert.That(result.Replacements.Select(r => r.Failure), Is.EqualTo(new[] { SegmentFailure.Unreachable, SegmentFailure.Misbehaved }));
        AssertSameRoots(result.Reply, undisturbed);
        Assert.That(result.Reply.Segments.SelectMany(s => s.Steps).All(s => s.ProviderKey.IsEmpty), "nobody's earlier work is relied on");
    }

    [TestCase(0, 0), TestCase(1, 3), TestCase(2, 2)]
    public async Task AProviderThatSendsSomethingElseThanItSignedIsReplacedAndEverybodyStartsOver(int segment, int step)
    {
        using DiffusionCohort cohort = await DiffusionCohort.CreateAsync();
        TrajectoryReply undisturbed = (await cohort.RunAsync()).Reply;
        await cohort.AddAsync(20, cohort.Ranges[segment], price: 5);
        cohort.Replace(segment, inner => new TamperingTransport(inner, flipOutputAt: step));
        TrajectoryResult result = await cohort.RunAsync();
        Assert.That(result.Replacements.Single(), Has.Property("Failure").EqualTo(SegmentFailure.Misbehaved).And.Property("Position").EqualTo(step));
        AssertSameRoots(result.Reply, undisturbed);
        await AssertAcceptedAsync(cohort, result.Reply);
    }

    [TestCase(0, 0), TestCase(0, 2), TestCase(1, 1), TestCase(2, 4)]
    public async Task AReceiverRefusesWhatItsUpstreamDidNotSign(int segment, int step)
    {
        using DiffusionCohort cohort = await DiffusionCohort.CreateAsync();
        // The lie is between the lead and the receiver.
        cohort.Replace(segment, inner => new TamperingTransport(inner, flipInputAt: step));
        Assert.That(() => cohort.RunAsync(), Throws.InstanceOf<CohortException>().With.InnerException.Property("Failure").EqualTo(SegmentFailure.Refused));
    }

    [Test]
    public async Task AnUnresponsiveProviderMissesItsDeadlineAndAFullOneIsBusy()
    {
        using DiffusionCohort cohort = await DiffusionCohort.CreateAsync();
        await cohort.AddAsync(20, cohort.Ranges[1], price: 0, transport: host => new FailingTransport(new InProcessTransport(host), 2, SegmentFailure.DeadlineExceeded));
        DenoiserHost full = await cohort.AddAsync(21, cohort.Ranges[0], price: 0, options: new DenoiserHostOptions { Capacity = 1 });
        await using ISegmentSession taken = full.Open(OpeningOf(cohort, 0));
        TrajectoryResult result = await cohort.RunAsync();
        Assert.That(result.Replacements.Select(r => r.Failure), Is.EqualTo(new[] { SegmentFailure.Busy, SegmentFailure.DeadlineExceeded }));
    }

    [Test]
    public async Task WithNobodyToTakeOverTheTrajectoryFailsClearly()
    {
        using DiffusionCohort cohort = await DiffusionCohort.CreateAsync();
        cohort.Replace(1, inner => new FailingTransport(inner, 3));
        Assert.That(() => cohort.RunAsync(), Throws.InstanceOf<CohortException>().With.Message.Contains("[2, 3)"));
        cohort.Providers.RemoveAt(1);
        Assert.That(() => cohort.RunAsync(), Throws.InstanceOf<CohortException>().With.Message.Contains("layer 2"));
    }

    [Test]
    public async Task SelfCheckedStepsGiveTheSameTrajectory()
    {
        using DiffusionCohort cohort = await DiffusionCohort.CreateAsync();
        using DiffusionCohort careful = await DiffusionCohort.CreateAsync(
            [TestBackends.CreateFastest()], new TinyDenoiser(DiffusionCohort.Config), cohort.Ranges, new DenoiserHostOptions { SelfCheck = true });
        AssertSameRoots((await careful.RunAsync()).Reply, (await cohort.RunAsync()).Reply);
    }

    [Test]
    public async Task ManyTrajectoriesRunAtOnce()
    {
        using DiffusionCohort cohort = await DiffusionCohort.CreateAsync();
        DenoiserLead lead = cohort.CreateLead();
        Signed<DiffusionOrder>[] orders = [.. Enumerable.Range(0, 4).Select(i => cohort.OrderFor(guidance: 1 + (i % 2), salt: Protocol.RequestHash([i])))];
        TrajectoryResult[] results = await Task.WhenAll(orders.Select(o => lead.RunAsync(o, cohort.Consumer.PublicKey, cohort.Conditioning)));
        Assert.That(results.Select(r => r.Reply.Record.Message.FinalLatent).Distinct().Count(), Is.EqualTo(2));
        Assert.That(results[2].Reply.Record.Message.FinalLatent, Is.EqualTo(results[0].Reply.Record.Message.FinalLatent));
    }

    [Test]
    public async Task ALeadRefusesAnOrderThatIsNotForItsModelOrConditioning()
    {
        using DiffusionCohort cohort = await DiffusionCohort.CreateAsync();
        DenoiserLead lead = cohort.CreateLead();
        Assert.That(() => lead.RunAsync(cohort.OrderFor(), cohort.Lead.PublicKey, cohort.Conditioning), Throws.ArgumentException);
        Assert.That(() => lead.RunAsync(cohort.OrderFor(), cohort.Consumer.PublicKey, Conditioning.OfLabel(3)), Throws.ArgumentException);
        Signed<DiffusionOrder> wide = (cohort.OrderFor().Message with { Shape = new LatentShape(2, 8, 8) }).Sign(cohort.Consumer);
        Assert.That(() => lead.RunAsync(wide, cohort.Consumer.PublicKey, cohort.Conditioning), Throws.ArgumentException);
    }

    [Test]
    public async Task GlyphsOnThreeKindsOfDeviceAreThoseOfOne()
    {
        using var model = DenoiserDirectory.Open(Repository.Model("glyph-dit"));
        LayerRange[] ranges = LayerRange.Split(model.Config.Layers, 3);
        using DiffusionCohort single = await DiffusionCohort.CreateAsync([TestBackends.Create("cpu")], model, ranges);
        using DiffusionCohort mixed = await DiffusionCohort.CreateAsync([TestBackends.Create("cpu"), TestBackends.Create("opencl"), TestBackends.Create("cuda")], model, ranges);
        TrajectoryReply one = (await single.RunAsync(single.OrderFor(steps: 2))).Reply, other = (await mixed.RunAsync(mixed.OrderFor(steps: 2))).Reply;
        AssertSameRoots(other, one);
        await AssertAcceptedAsync(single, other);
    }

    internal static DiffusionOpening OpeningOf(DiffusionCohort cohort, int segment, Signed<DiffusionOrder>? order = null) => new()
    {
        Place = new SegmentPlace
        {
            Segment = segment,
            Segments = cohort.Ranges.Length,
            FirstLayer = cohort.Ranges[segment].First,
            EndLayer = cohort.Ranges[segment].End,
            Attempt = 0,
            UpstreamKey = TestCohort.Key((byte)(10 + ((segment + cohort.Ranges.Length - 1) % cohort.Ranges.Length))).PublicKey.Bytes.ToArray(),
        },
        Order = order ?? cohort.OrderFor(),
        ConsumerKey = cohort.Consumer.PublicKey.Bytes.ToArray(),
        Conditioning = cohort.Conditioning,
    };

    internal static async Task AssertAcceptedAsync(DiffusionCohort cohort, TrajectoryReply reply)
    {
        Verdict verdict = await new TrajectoryAuditor(cohort.Verifier).AuditAsync(reply, Protocol.RequestHash([1, 2, 3]), int.MaxValue);
        Assert.That(verdict.Outcome, Is.EqualTo(AuditOutcome.Accept), verdict.Explanation);
    }

    private static void AssertSameRoots(TrajectoryReply actual, TrajectoryReply expected)
    {
        TrajectoryRecord a = actual.Record.Message, e = expected.Record.Message;
        Assert.That((a.TrajectoryRoot, a.FinalLatent), Is.EqualTo((e.TrajectoryRoot, e.FinalLatent)));
        Assert.That(
            actual.Segments.Select(s => (s.Attestation.Message.InputRoot, s.Attestation.Message.OutputRoot)),
            Is.EqualTo(expected.Segments.Select(s => (s.Attestation.Message.InputRoot, s.Attestation.Message.OutputRoot))));
    }

    private static TrajectoryReply RoundTrip(TrajectoryReply reply)
    {
        using var file = new MemoryStream();
        reply.WriteTo(file);
        return TrajectoryReader.Decode(file.ToArray()).Value;
    }
}
