using NUnit.Framework;
using Ogong.Audit;
using Ogong.Beacon;
using Ogong.Bytes;
using Ogong.Diffusion;
using Ogong.Records;
using Ogong.Tests.Audit;

namespace Ogong.Tests.Diffusion;

/// <summary>Honest trajectories pass, at the stated cost, whatever is kept or opened.</summary>
internal sealed class TrajectoryAuditorTests
{
    public static readonly Digest Beacon = new HashTag("test/beacon").Hash([1]);

    private static readonly ScheduleParameters[] schedules =
    [
        ScheduleParameters.FlowMatchEuler(7, shift: 3),
        ScheduleParameters.EulerDiscrete(7, BetaSchedule.Linear(), PredictionKind.Velocity, karrasSigmas: true),
        ScheduleParameters.Ddim(7, BetaSchedule.Linear(), clipRange: 1),
    ];

    [Test, Pairwise]
    public async Task Honest_trajectories_are_accepted(
        [Values(0, 1, 2)] int schedule, [Values(1, 3, 7)] int stride, [Values(1f, 2f, 0f)] float guidance, [Values] bool cohort, [Values] bool exact)
    {
        TrajectoryReply reply = new TestTrajectory
        {
            Schedule = schedules[schedule],
            Stride = stride,
            Guidance = guidance,
            Boundaries = cohort ? [0, 1, 4, 6] : [0, 6],
            Profile = exact ? LatentProfile.Exact : LatentProfile.Fast(),
            Model = _ => new ToyDenoiser { Noise = exact ? 0 : 0.0005f },
            Open = s => !exact && s % 2 == 0,
        }.Produce();
        Verdict verdict = await new TrajectoryAuditor(new ToyDenoiser()).AuditAsync(reply, Beacon, 2);
        Assert.That(verdict.Outcome, Is.EqualTo(AuditOutcome.Accept), verdict.Explanation);
        Assert.That(verdict.Figures.Any(f => f.Check == AuditCheck.Steps && f.Step == 6), Is.True, "the last step is always replayed");
        Assert.That(verdict.Figures.Where(f => f.Check == AuditCheck.Steps).All(f => exact ? f.Value == 0 : f.Value > 0 && f.Value < 0.05), Is.True);
        Assert.That(verdict.WorkProofs, Has.Length.EqualTo(cohort ? 3 : 1));
    }

    [Test]
    public async Task The_draw_is_that_of_the_beacon_round()
    {
        TrajectoryReply reply = new TestTrajectory().Produce();
        BeaconRound round = new LocalBeacon(default).Round(3);
        int[] drawn = new AuditDraw(round, reply.Record.Message.Hash()).Steps(4, 10);
        Assert.That(TrajectoryAuditor.Draw(reply, round.Value, 4), Is.EqualTo(drawn.Append(9).Distinct()));
        Verdict verdict = await new TrajectoryAuditor(new ToyDenoiser()).AuditAsync(reply, round.Value, 4);
        Assert.That(verdict.Figures.Where(f => f.Check == AuditCheck.Steps).Select(f => f.Step!.Value), Is.EqualTo(drawn.Append(9).Distinct()));
    }

    [TestCase(1, 0, 1)]
    [TestCase(1, 10, 10)]
    [TestCase(4, 1, 6)]
    public async Task An_audit_runs_the_steps_it_draws_and_no_other(int stride, int count, int steps)
    {
        TrajectoryReply reply = new TestTrajectory { Stride = stride }.Produce();
        var verifier = new ToyDenoiser();
        Digest beacon = Enumerable.Range(0, 100).Select(i => new HashTag("test/beacon").Hash([(byte)i])).First(b => count != 1 || TrajectoryAuditor.Draw(reply, b, 1).Length == 2);
        await new TrajectoryAuditor(verifier).AuditAsync(reply, beacon, count);
        Assert.That(verifier.LayersRun[0], Is.EqualTo(steps * ToyDenoiser.LayerCount * 2));
    }

    [Test]
    public async Task An_exact_trajectory_needs_no_openings()
    {
        TrajectoryReply kept = new TestTrajectory { Stride = 2, Open = _ => true }.Produce(), bare = kept.WithoutLatents();
        Assert.That(bare.Latents.Count(l => !l.Latent.IsEmpty), Is.EqualTo(1));
        var verifier = new ToyDenoiser();
        Verdict from = await new TrajectoryAuditor(verifier).AuditAsync(bare, Beacon, 2);
        Assert.That(from.Outcome, Is.EqualTo(AuditOutcome.Accept), from.Explanation);
        Assert.That(verifier.LayersRun[0], Is.EqualTo(10 * ToyDenoiser.LayerCount * 2), "it ran every step, each once");
        Verdict with = await new TrajectoryAuditor(new ToyDenoiser()).AuditAsync(kept, Beacon, 2);
        Assert.That(with.WorkProofs, Is.EqualTo(from.WorkProofs), "two verifiers prove the same work");
        Verdict other = await new TrajectoryAuditor(new ToyDenoiser()).AuditAsync(kept, new HashTag("test/beacon").Hash([2]), 2);
        Assert.That(other.WorkProofs, Is.Not.EqualTo(from.WorkProofs));
    }

    [Test]
    public async Task Omitted_latents_can_be_supplied_as_openings([Values] bool exact)
    {
        var toy = new TestTrajectory { Stride = 2, Profile = exact ? LatentProfile.Exact : LatentProfile.Fast() };
        TrajectoryReply kept = toy.Produce(), bare = kept.WithoutLatents();
        Digest[] digests = [.. bare.Latents.Select(l => l.Digest)];
        LatentOpening[] openings = [.. TrajectoryAuditor.Missing(bare, Beacon, 2).Select(s => LatentOpening.Create(toy.Order, digests, s, kept.Latents[s / 2].Latent.Span))];
        Assert.That(openings, Is.Not.Empty);
        var verifier = new ToyDenoiser();
        Verdict verdict = await new TrajectoryAuditor(verifier).AuditAsync(bare, Beacon, 2, openings: openings);
        Assert.That(verdict.Outcome, Is.EqualTo(AuditOutcome.Accept), verdict.Explanation);
        Assert.That(verifier.LayersRun[0], Is.EqualTo(TrajectoryAuditor.Draw(bare, Beacon, 2).Length * 2 * ToyDenoiser.LayerCount * 2), "only the drawn transitions");
        if (exact) return;
        Verdict without = await new TrajectoryAuditor(new ToyDenoiser()).AuditAsync(bare, Beacon, 2);
        Assert.That(without.DecidedBy?.Check, Is.EqualTo(AuditCheck.Openings), "a drawn latent that is not opened counts as failed");
        Assert.That(without.Offender, Is.EqualTo(new Offender(OffenderRole.Holder, null, ToyCohort.Id(ToyCohort.Lead))));
    }

    [Test]
    public async Task One_segment_can_be_audited_alone([Values(0, 1, 2)] int segment, [Values] bool exact)
    {
        TrajectoryReply reply = new TestTrajectory
        {
            Profile = exact ? LatentProfile.Exact : LatentProfile.Fast(),
            Open = _ => true,
            Model = _ => new ToyDenoiser { Noise = exact ? 0 : 0.0005f },
        }.Produce();
        var verifier = new ToyDenoiser();
        Verdict verdict = await new TrajectoryAuditor(verifier).AuditSegmentAsync(reply, segment, Beacon, 10);
        Assert.That(verdict.Outcome, Is.EqualTo(AuditOutcome.Accept), verdict.Explanation);
        Assert.That(verifier.LayersRun[0], Is.EqualTo(10 * 2 * 2), "ten steps of two layers in two branches");
        Assert.That(verdict.WorkProofs.Single().Segment, Is.EqualTo(segment));
        Verdict closed = await new TrajectoryAuditor(new ToyDenoiser()).AuditSegmentAsync(reply.WithoutLatents(), segment, Beacon, 10);
        Assert.That(closed.DecidedBy?.Check, Is.EqualTo(AuditCheck.Openings));
    }

    [Test]
    public async Task A_foreign_model_accuses_nobody()
    {
        TrajectoryReply reply = new TestTrajectory().Produce();
        Verdict verdict = await new TrajectoryAuditor(new ToyDenoiser { ModelRoot = default }).AuditAsync(reply, Beacon, 1);
        Assert.That((verdict.DecidedBy?.Check, verdict.Offender), Is.EqualTo(((AuditCheck?)AuditCheck.Model, (Offender?)null)));
    }

    [Test]
    public void Papers_are_checked_without_a_model()
    {
        Verdict verdict = TrajectoryAuditor.CheckPapers(new TestTrajectory { Statements = _ => true, Open = _ => true }.Produce());
        Assert.That(verdict.Outcome, Is.EqualTo(AuditOutcome.Accept), verdict.Explanation);
        Assert.That(verdict.Figures.Select(f => f.Check).Distinct(), Is.EqualTo(new[]
        {
            AuditCheck.Signatures, AuditCheck.Binding, AuditCheck.Merkle, AuditCheck.Openings, AuditCheck.InitialNoise, AuditCheck.Statements, AuditCheck.Tiling, AuditCheck.Chain, AuditCheck.Stop,
        }));
    }
}
