using NUnit.Framework;
using Ogong.Bytes;
using Ogong.Commitments;
using Ogong.Compute;
using Ogong.Diffusion;
using Ogong.Engine;
using Ogong.Models;
using Ogong.Tests.Engine;
using Ogong.Tests.Kernels.Cuda;

namespace Ogong.Tests.Diffusion;

/// <summary>What the tolerance tier's bands are made from: the distances that audits of honest devices and of cheats on glyph-dit measure.</summary>
internal sealed class LatentBandTests
{
    private const int Steps = 24, Drawn = 4, Audits = 60;

    /// <summary>Fast arithmetic of CUDA (the machine's, or the emulated device's) against the processor, which verifies. docs/protocol.md quotes the output.</summary>
    [Test]
    [Explicit("Measures; minutes on the emulated device.")]
    public async Task Measure_honest_devices_and_cheats()
    {
        using DenoiserDirectory weights = DenoiserDirectory.Open(Repository.Model("glyph-dit"));
        using IBackend cpu = TestBackends.CreateFastest(), cuda = CudaCase.Create();
        using DenoiserSegment held = await DenoiserSegment.LoadAsync(cpu, weights);
        using var verifier = new StepReplayer([held], default);

        List<Audit> honest = await AuditAsync(verifier, cuda, weights, 2);
        ThresholdCalibration change = ThresholdCalibration.Fit([.. honest.Select(h => h.Change.Relative)], 0.05, 0.95)!, states = ThresholdCalibration.Fit([.. honest.Select(h => h.States.Relative)], 0.05, 0.95)!;
        TestContext.Out.WriteLine($"calibrated, 5 % false rejects at 95 % confidence: change {change.Threshold:G3}, states {states.Threshold:G3} ({Audits} audits of {Drawn} drawn steps and the last of {Steps})");
        TestContext.Out.WriteLine("| run | change, worst step | change, pooled | states, pooled | rejected by the outer bands | by the calibrated ones |");
        TestContext.Out.WriteLine("|---|---|---|---|---|---|");
        Report("CUDA fast", honest);
        Report("8-bit weights", await AuditAsync(verifier, cpu, SubstitutedDenoiser.WithEightBitLayers(weights, 0, weights.Config.Layers), 2));
        Report("guidance 2.1 for 2", await AuditAsync(verifier, cpu, weights, 2.1f));
        Report("guidance 2.5 for 2", await AuditAsync(verifier, cpu, weights, 2.5f));
        Report("one block of four left out", await AuditAsync(verifier, cpu, SubstitutedDenoiser.WithSkippedLayer(weights, 1), 2));

        void Report(string name, List<Audit> audits)
        {
            int outer = audits.Count(a => a.Worst > LatentBands.Default.Change || a.States.Relative > LatentBands.Default.States);
            int calibrated = audits.Count(a => a.Change.Relative > change.Threshold || a.States.Relative > states.Threshold);
            TestContext.Out.WriteLine(
                $"| {name} | {Range(audits, a => a.Worst)} | {Range(audits, a => a.Change.Relative)} | {Range(audits, a => a.States.Relative)} | {100 * outer / Audits} % | {100 * calibrated / Audits} % |");
        }
    }

    private sealed record Audit(double Worst, LatentDistance Change, LatentDistance States);

    // Every producer runs the drawn steps from the same latents, those of the verifier's own trajectory.
    private static async Task<List<Audit>> AuditAsync(StepReplayer verifier, IBackend backend, IDenoiserWeights weights, float guidance)
    {
        using DenoiserSegment segment = await DenoiserSegment.LoadAsync(backend, weights);
        using var producer = new StepReplayer([segment], default);
        int layers = verifier.Layers, middle = (layers / 2) - 1;
        var audits = new List<Audit>();
        for (int i = 0; i < Audits; i++)
        {
            DiffusionOrder order = StepReplayerTests.OrderFor(ScheduleParameters.FlowMatchEuler(Steps), weights.Config.Shape, 2, seed: (ulong)i, exact: false);
            Conditioning conditioning = Conditioning.OfLabel(i % 36);
            int[] drawn = [.. TrajectoryAuditor.Draw(CommittedSteps.Of(order), new HashTag("test/bands").Hash([(byte)i]), default, Drawn)];
            ReadOnlyMemory<float> latent = order.CreateInitialLatent();
            (double worst, LatentDistance changes, LatentDistance states) = (0, default, default);
            for (int step = 0; step < Steps; step++)
            {
                StepReplay right = await verifier.ReplayAsync(StepReplayerTests.TaskFor(order, conditioning, step, latent, 0, layers, middle));
                if (drawn.Contains(step))
                {
                    StepReplay made = await producer.ReplayAsync(StepReplayerTests.TaskFor(order with { Guidance = guidance }, conditioning, step, latent, 0, layers, middle));
                    LatentDistance change = LatentDistance.OfChange(latent.Span, made.Latent.Span, right.Latent.Span);
                    (worst, changes, states) = (Math.Max(worst, change.Relative), changes + change, states + LatentDistance.Between(made.States[0].Span, right.States[0].Span));
                }
                latent = right.Latent;
            }
            audits.Add(new Audit(worst, changes, states));
        }
        return audits;
    }

    private static string Range(List<Audit> audits, Func<Audit, double> figure)
    {
        double[] sorted = [.. audits.Select(figure).Order()];
        return $"{sorted[0]:G2} – {sorted[sorted.Length / 2]:G2} – {sorted[^1]:G2}";
    }
}
