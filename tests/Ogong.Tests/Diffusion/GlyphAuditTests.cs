using NUnit.Framework;
using Ogong.Audit;
using Ogong.Bytes;
using Ogong.Compute;
using Ogong.Diffusion;
using Ogong.Engine;
using Ogong.Models;
using Ogong.Tests.Audit;
using Ogong.Tests.Engine;

namespace Ogong.Tests.Diffusion;

/// <summary>The whole way on a real model: glyph-dit makes trajectories, honestly and not, and the auditor replays them.</summary>
[NonParallelizable] // One replayer serves all cases.
internal sealed class GlyphAuditTests
{
    private const int Steps = 8;

    private IBackend backend = null!;
    private DenoiserSegment model = null!, rounded = null!, shortened = null!;
    private StepReplayer verifier = null!, eightBit = null!, smaller = null!;
    private TestTrajectory honest = null!;

    [OneTimeSetUp]
    public async Task LoadAsync()
    {
        backend = TestBackends.CreateFastest();
        using DenoiserDirectory weights = DenoiserDirectory.Open(Repository.Model("glyph-dit"));
        Digest root = DenoiserManifest.Compute(weights).ModelRoot;
        model = await DenoiserSegment.LoadAsync(backend, weights);
        rounded = await DenoiserSegment.LoadAsync(backend, SubstitutedDenoiser.WithEightBitLayers(weights, 0, weights.Config.Layers));
        shortened = await DenoiserSegment.LoadAsync(backend, SubstitutedDenoiser.WithSkippedLayer(weights, 2));
        (verifier, eightBit, smaller) = (new StepReplayer([model], root), new StepReplayer([rounded], root), new StepReplayer([shortened], root));
        honest = new TestTrajectory
        {
            Ordered = verifier,
            Boundaries = [0, 1, 3, 4],
            Schedule = ScheduleParameters.FlowMatchEuler(Steps),
            Shape = weights.Config.Shape,
            Label = 0,
            Guidance = 2,
        };
    }

    [OneTimeTearDown]
    public void Release()
    {
        verifier.Dispose();
        eightBit.Dispose();
        smaller.Dispose();
        model.Dispose();
        rounded.Dispose();
        shortened.Dispose();
        backend.Dispose();
    }

    [Test]
    public async Task An_honest_trajectory_is_accepted_and_is_the_denoisers([Values(1, 3)] int stride)
    {
        TrajectoryReply reply = (honest with { Stride = stride }).Produce();
        using var denoiser = new Denoiser([model]);
        DenoiserResult result = await denoiser.RunAsync(new DenoiserRequest { Conditioning = honest.Conditioning, Schedule = Schedule.Create(honest.Schedule), Seed = honest.Seed, Guidance = honest.Guidance });
        Assert.That(reply.FinalLatent.ToArray(), Is.EqualTo(result.Latent.ToArray()));
        foreach (TrajectoryReply file in new[] { reply, reply.WithoutLatents() })
        {
            Verdict verdict = await new TrajectoryAuditor(verifier).AuditAsync(file, TrajectoryAuditorTests.Beacon, 2);
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
        await Rejects(order with { Model = k => k == 1 ? smaller : verifier }, AuditCheck.BoundaryStates, 1);
        await Rejects(order with { RunLabel = 1 }, AuditCheck.BoundaryStates, 0);
        await Rejects(order with { Run = o => o with { Seed = 8 } }, AuditCheck.InitialNoise, null);
        await Rejects(order with { EditLatent = (s, x) => s == Steps - 1 ? new float[x.Length] : x }, AuditCheck.Steps, 2, count: 0);
        if (!exact) return;
        for (int k = 0; k < 3; k++) await Rejects(order with { Model = segment => segment == k ? eightBit : verifier }, k == 2 ? AuditCheck.Steps : AuditCheck.BoundaryStates, k, count: 1);
        await Rejects(order with { Run = o => o with { Guidance = 2.1f } }, AuditCheck.Steps, 2, count: 1);
        await Rejects(order with { Run = o => o with { Guidance = 1.9f } }, AuditCheck.Steps, 2, count: 1);
    }

    private async Task Rejects(TestTrajectory cheat, AuditCheck check, int? segment, int count = Steps)
    {
        TrajectoryReply reply = cheat.Produce();
        Verdict verdict = await new TrajectoryAuditor(verifier).AuditAsync(reply, TrajectoryAuditorTests.Beacon, count);
        Digest id = ToyCohort.Id(segment is { } k ? ToyCohort.Provider(k) : ToyCohort.Lead);
        Assert.That((verdict.DecidedBy?.Check, verdict.Offender), Is.EqualTo(((AuditCheck?)check, new Offender(segment is null ? OffenderRole.Lead : OffenderRole.Provider, segment, id))), verdict.Explanation);
    }
}
