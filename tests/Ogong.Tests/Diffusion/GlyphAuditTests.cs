using NUnit.Framework;
using Ogong.Audit;
using Ogong.Bytes;
using Ogong.Diffusion;
using Ogong.Engine;
using Ogong.Tests.Audit;

namespace Ogong.Tests.Diffusion;

/// <summary>The whole way on a real model: glyph-dit makes trajectories, honestly and not, and the auditor replays them.</summary>
[NonParallelizable] // One replayer serves all cases.
internal sealed class GlyphAuditTests
{
    private const int Steps = 8;

    private GlyphModel model = null!;
    private TestTrajectory honest = null!;

    [OneTimeSetUp]
    public void Load()
    {
        model = GlyphModel.Load();
        honest = model.Trajectory(Steps, 0, 1, 3, 4);
    }

    [OneTimeTearDown]
    public void Release() => model.Dispose();

    [Test]
    public async Task An_honest_trajectory_is_accepted_and_is_the_denoisers([Values(1, 3)] int stride)
    {
        TrajectoryReply reply = (honest with { Stride = stride }).Produce();
        using var denoiser = new Denoiser([model.Segment]);
        DenoiserResult result = await denoiser.RunAsync(new DenoiserRequest { Conditioning = honest.Conditioning, Schedule = Schedule.Create(honest.Schedule), Seed = honest.Seed, Guidance = honest.Guidance });
        Assert.That(reply.FinalLatent.ToArray(), Is.EqualTo(result.Latent.ToArray()));
        foreach (TrajectoryReply file in new[] { reply, reply.WithoutLatents() })
        {
            Verdict verdict = await new TrajectoryAuditor(model.Verifier).AuditAsync(file, TrajectoryAuditorTests.Beacon, 2);
            Assert.That(verdict.Outcome, Is.EqualTo(AuditOutcome.Accept), verdict.Explanation);
        }
    }

    [Test]
    public async Task Cheats_are_rejected_in_the_step_and_against_the_provider([Values] bool exact)
    {
        TestTrajectory order = exact ? honest : honest with { Profile = LatentProfile.Fast(), Open = _ => true };
        float[][] few = (order with { Schedule = ScheduleParameters.FlowMatchEuler(Steps / 2) }).Compute();
        await Rejects(order with { Latents = [.. Enumerable.Range(0, Steps + 1).Select(s => few[s / 2])] }, AuditCheck.Steps, 2);
        await Rejects(order with { Latents = [.. Enumerable.Range(0, Steps + 1).Select(s => s % 2 == 0 ? few[s / 2] : [.. few[s / 2].Zip(few[(s / 2) + 1], (a, b) => (a + b) / 2)])] }, AuditCheck.Steps, 2);
        await Rejects(order with { Model = k => k == 1 ? model.Smaller : null }, AuditCheck.BoundaryStates, 1);
        await Rejects(order with { RunLabel = 1 }, AuditCheck.BoundaryStates, 0);
        await Rejects(order with { Run = o => o with { Seed = 8 } }, AuditCheck.InitialNoise, null);
        await Rejects(order with { EditLatent = (s, x) => s == Steps - 1 ? new float[x.Length] : x }, AuditCheck.Steps, 2, count: 0);
        if (!exact) return;
        for (int k = 0; k < 3; k++) await Rejects(order with { Model = segment => segment == k ? model.EightBit : null }, k == 2 ? AuditCheck.Steps : AuditCheck.BoundaryStates, k, count: 1);
        await Rejects(order with { Run = o => o with { Guidance = 2.1f } }, AuditCheck.Steps, 2, count: 1);
        await Rejects(order with { Run = o => o with { Guidance = 1.9f } }, AuditCheck.Steps, 2, count: 1);
    }

    private async Task Rejects(TestTrajectory cheat, AuditCheck check, int? segment, int count = Steps)
    {
        TrajectoryReply reply = cheat.Produce();
        Verdict verdict = await new TrajectoryAuditor(model.Verifier).AuditAsync(reply, TrajectoryAuditorTests.Beacon, count);
        Digest id = ToyCohort.Id(segment is { } k ? ToyCohort.Provider(k) : ToyCohort.Lead);
        Assert.That((verdict.DecidedBy?.Check, verdict.Offender), Is.EqualTo(((AuditCheck?)check, new Offender(segment is null ? OffenderRole.Lead : OffenderRole.Provider, segment, id))), verdict.Explanation);
    }
}
