using NUnit.Framework;
using Ogong.Audit;
using Ogong.Diffusion;
using Ogong.Tests.Audit;

namespace Ogong.Tests.Diffusion;

/// <summary>Whatever a file leaves out and whoever cheats before it, the tolerance tier names no provider whose own work was right.</summary>
internal sealed class ToleranceOffenderTests
{
    private static readonly Offender lead = new(OffenderRole.Lead, null, ToyCohort.Id(ToyCohort.Lead));

    private static TestTrajectory Fast => new() { Profile = LatentProfile.Fast(), Open = _ => true };

    [Test]
    public async Task States_opened_downstream_of_the_wrong_ones_only()
    {
        TrajectoryReply reply = (Fast with { EditStates = (k, s, x) => k == 0 && s == 6 ? [.. x.Select(v => 1.5f * v)] : x }).Produce();
        Assert.That((await AuditAsync(reply)).Offender, Is.EqualTo(Provider(0)));
        TrajectorySegment[] segments = [.. reply.Segments.Select(s => new TrajectorySegment
        {
            Attestation = s.Attestation,
            PublicKey = s.PublicKey,
            Steps = s.Attestation.Message.Segment != 1 ? s.Steps : [.. s.Steps.Select(b => new StepBoundary { Step = b.Step, InputHash = b.InputHash, OutputHash = b.OutputHash })],
        })];
        Verdict verdict = await AuditAsync(new TrajectoryReply
        {
            Order = reply.Order,
            ConsumerKey = reply.ConsumerKey,
            Conditioning = reply.Conditioning,
            Latents = reply.Latents,
            Segments = segments,
            Record = reply.Record,
            ProviderKey = reply.ProviderKey,
        });
        Assert.That((verdict.DecidedBy?.Check, verdict.DecidedBy?.Segment, verdict.Offender), Is.EqualTo(((AuditCheck?)AuditCheck.BoundaryStates, (int?)1, lead)));
    }

    [Test]
    public async Task A_latent_spoilt_between_two_committed_ones()
    {
        TestTrajectory toy = Fast with { EditLatent = (s, x) => s == 2 ? [.. x.Select(v => 1.5f * v)] : x };
        Assert.That((await AuditAsync(toy.Produce())).Offender, Is.EqualTo(Provider(2)));
        Verdict verdict = await AuditAsync((toy with { Stride = 5 }).Produce());
        Assert.That((verdict.DecidedBy?.Check, verdict.DecidedBy?.Step, verdict.Offender), Is.EqualTo(((AuditCheck?)AuditCheck.BoundaryStates, (int?)3, lead)), "the first segment read what it was given");
    }

    [Test]
    public async Task A_transition_that_two_providers_share()
    {
        TestTrajectory toy = Fast with { Boundaries = [0, 6], RanBy = (_, s) => s < 3 ? ToyCohort.Provider(1) : null, EditLatent = (s, x) => s == 1 ? [.. x.Select(v => 1.5f * v)] : x };
        Assert.That((await AuditAsync(toy.Produce())).Offender, Is.EqualTo(new Offender(OffenderRole.Provider, 0, ToyCohort.Id(ToyCohort.Provider(1)))));
        Assert.That((await AuditAsync((toy with { Stride = 5 }).Produce())).Offender, Is.EqualTo(lead));
    }

    [Test]
    public async Task Distances_that_an_earlier_segment_brought_along()
    {
        TestTrajectory toy = Fast with { Profile = LatentProfile.Fast(LatentBands.Default with { CalibratedChange = 1e-4f }), Model = k => k == 0 ? new ToyDenoiser().RoundedTo8Bits() : null };
        Verdict verdict = await AuditAsync(toy.Produce());
        Assert.That((verdict.DecidedBy?.Check, verdict.Offender), Is.EqualTo(((AuditCheck?)AuditCheck.Steps, lead)), verdict.Explanation);
    }

    [Test]
    public async Task States_of_another_size_than_the_models([Values] bool exact)
    {
        TestTrajectory toy = Fast with { Profile = exact ? LatentProfile.Exact : LatentProfile.Fast(), EditStates = (k, s, x) => k == 0 && s == 6 ? [.. x, .. x[..ToyDenoiser.StateWidth]] : x };
        TrajectoryReply reply = toy.Produce();
        foreach (Verdict verdict in new[] { await AuditAsync(reply), await new TrajectoryAuditor(new ToyDenoiser()).AuditSegmentAsync(reply, 1, TrajectoryAuditorTests.Beacon, 10) })
            Assert.That((verdict.DecidedBy?.Check, verdict.DecidedBy?.Step, verdict.Offender), Is.EqualTo(((AuditCheck?)AuditCheck.BoundaryStates, (int?)6, Provider(0))));
    }

    private static Offender Provider(int segment) => new(OffenderRole.Provider, segment, ToyCohort.Id(ToyCohort.Provider(segment)));

    private static Task<Verdict> AuditAsync(TrajectoryReply reply) => new TrajectoryAuditor(new ToyDenoiser()).AuditAsync(reply, TrajectoryAuditorTests.Beacon, 10);
}
