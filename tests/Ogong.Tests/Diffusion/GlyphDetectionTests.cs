using NUnit.Framework;
using Ogong.Audit;
using Ogong.Bytes;
using Ogong.Diffusion;
using Ogong.Records;

namespace Ogong.Tests.Diffusion;

/// <summary>
/// How often an audit with k drawn steps catches each cheat on glyph-dit, against 1 − (1 − f)^k and the hypergeometric probability. The cheats take care to run the last step honestly, which is always
/// replayed; the rest they get wrong where the cheat does.
/// </summary>
internal sealed class GlyphDetectionTests
{
    private const int Steps = 12, Trials = 2000;
    private const double Confidence = 0.9999;

    [Test]
    public async Task Every_cheat_is_caught_as_often_as_the_formulas_say()
    {
        using GlyphModel model = GlyphModel.Load();
        TestTrajectory honest = model.Trajectory(Steps, 0, 4);
        float[][] half = (honest with { Schedule = ScheduleParameters.FlowMatchEuler(Steps / 2) }).Compute();
        float[] previous = honest.Order.CreateInitialLatent();
        (string Name, int? Wrong, float[][] Latents)[] cheats =
        [
            ("none", 0, honest.Compute()),
            ("every fourth step left out", 3, (honest with { EditLatent = (s, x) => previous = s % 4 == 2 ? previous : x }).Compute()),
            ("6 steps as 12, latents repeated", 11, [.. Enumerable.Range(0, Steps + 1).Select(s => half[s / 2])]),
            ("6 steps as 12, latents interpolated", 11, [.. Enumerable.Range(0, Steps + 1).Select(s => s % 2 == 0 ? half[s / 2] : [.. half[s / 2].Zip(half[(s / 2) + 1], (a, b) => (a + b) / 2)])]),
            ("8-bit weights", 11, (honest with { Model = _ => model.EightBit }).Compute()),
            ("8-bit weights in every second step", 6, await MixedAsync(honest, model.EightBit, s => s % 2 == 0)),
            ("one block of four left out", 11, (honest with { Model = _ => model.Smaller }).Compute()),
            ("another label", 11, (honest with { RunLabel = 1 }).Compute()),
            ("guidance 2.1 for 2", 11, (honest with { Run = o => o with { Guidance = 2.1f } }).Compute()),
        ];
        var auditor = new TrajectoryAuditor(model.Verifier);
        foreach ((string name, int? expected, float[][] latents) in cheats)
        {
            latents[^1] = await StepAsync(honest, model.Verifier, Steps - 1, latents[^2]);
            HashSet<int> wrong = await WrongAsync(honest, model.Verifier, latents);
            Assert.That(wrong, Has.Count.EqualTo(expected), name);
            TrajectoryReply reply = (honest with { Latents = latents }).Produce();
            Digest record = reply.Record.Message.Hash();
            foreach (int drawn in new[] { 1, 2, 4 })
            {
                var detection = new TrajectoryDetection(new CommittedSteps(Steps, 1), drawn);
                DetectionMeasurement measured = detection.Measure(wrong, Trials, Confidence, record);
                double probability = detection.Probability(wrong.Count), bound = detection.Bound(wrong.Count / (double)Steps);
                TestContext.Out.WriteLine($"| {name} | {wrong.Count} | {drawn} | {measured.Rate:F3} [{measured.Low:F3}, {measured.High:F3}] | {probability:F3} | {bound:F3} |");
                Assert.That(probability, Is.InRange(measured.Low, measured.High).And.GreaterThanOrEqualTo(bound - 1e-12), name);
            }
            for (int i = 0; i < 3; i++)
            {
                Digest beacon = new HashTag("test/beacon").Hash([(byte)i]);
                Verdict verdict = await auditor.AuditAsync(reply, beacon, 1);
                Assert.That(verdict.Outcome == AuditOutcome.Reject, Is.EqualTo(TrajectoryAuditor.Draw(reply, beacon, 1).Any(wrong.Contains)), $"{name}: {verdict.Explanation}");
            }
        }
    }

    private static async Task<float[]> StepAsync(TestTrajectory honest, IStepReplayer replayer, int step, float[] latent) => (await replayer.ReplayAsync(new StepReplayTask
    {
        Order = honest.Order,
        Conditioning = honest.Conditioning,
        Step = step,
        Latent = latent,
        FirstLayer = 0,
        EndLayer = replayer.Layers,
    })).Latent.ToArray();

    private static async Task<float[][]> MixedAsync(TestTrajectory honest, IStepReplayer cheap, Func<int, bool> cheats)
    {
        var latents = new float[Steps + 1][];
        latents[0] = honest.Order.CreateInitialLatent();
        for (int s = 0; s < Steps; s++) latents[s + 1] = await StepAsync(honest, cheats(s) ? cheap : honest.Ordered, s, latents[s]);
        return latents;
    }

    private static async Task<HashSet<int>> WrongAsync(TestTrajectory honest, IStepReplayer verifier, float[][] latents)
    {
        var wrong = new HashSet<int>();
        for (int s = 0; s < Steps; s++)
            if (!(await StepAsync(honest, verifier, s, latents[s])).AsSpan().SequenceEqual(latents[s + 1])) wrong.Add(s);
        return wrong;
    }
}
