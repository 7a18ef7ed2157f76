using NUnit.Framework;
using Ogong.Commitments;
using Ogong.Compute;
using Ogong.Diffusion;
using Ogong.Engine;
using Ogong.Models;
using Ogong.Tests.Engine;
using Ogong.Tests.Kernels.Cuda;

namespace Ogong.Tests.Diffusion;

/// <summary>What the tolerance tier's bands are made from: the distances of honest devices and of cheats on glyph-dit, step by step.</summary>
internal sealed class LatentBandTests
{
    private const int Steps = 24;

    /// <summary>Fast arithmetic of CUDA (the machine's, or the emulated device's) against the processor, which verifies. docs/protocol.md quotes the output.</summary>
    [Test]
    [Explicit("Measures; minutes on the emulated device.")]
    public async Task Measure_honest_devices_and_cheats()
    {
        using DenoiserDirectory weights = DenoiserDirectory.Open(Repository.Model("glyph-dit"));
        using IBackend cpu = TestBackends.CreateFastest(), cuda = CudaCase.Create();
        var honest = new List<(double Change, double States)>();
        var eightBit = new List<(double Change, double States)>();
        var fourLayers = new List<(double Change, double States)>();
        for (int label = 0; label < 36; label += 3)
        {
            honest.AddRange(await CompareAsync(cpu, weights, cuda, weights, label, 2));
            eightBit.AddRange(await CompareAsync(cpu, weights, cpu, SubstitutedDenoiser.WithEightBitLayers(weights, 0, weights.Config.Layers), label, 2));
            fourLayers.AddRange(await CompareAsync(cpu, weights, cpu, SubstitutedDenoiser.WithSkippedLayer(weights, 2), label, 2));
        }
        var guidance = new List<(double Change, double States)>();
        for (int label = 0; label < 36; label += 3) guidance.AddRange(await CompareAsync(cpu, weights, cpu, weights, label, 2.1f));
        Report("cuda fast", honest);
        Report("8-bit weights", eightBit);
        Report("one block of four left out", fourLayers);
        Report("guidance 2.1 for 2", guidance);
        ThresholdCalibration? change = ThresholdCalibration.Fit([.. honest.Select(h => h.Change)], 0.01, 0.95), states = ThresholdCalibration.Fit([.. honest.Select(h => h.States)], 0.01, 0.95);
        TestContext.Out.WriteLine($"calibrated at 1 % false rejects, 95 % confidence: change {change?.Threshold:G4}, states {states?.Threshold:G4} ({honest.Count} steps)");
    }

    // Per step: the producer's step from its own latent against the verifier's from the same one.
    private static async Task<List<(double Change, double States)>> CompareAsync(IBackend verifier, IDenoiserWeights weights, IBackend producer, IDenoiserWeights run, int label, float guidance)
    {
        using DenoiserSegment right = await DenoiserSegment.LoadAsync(verifier, weights), made = await DenoiserSegment.LoadAsync(producer, run);
        using StepReplayer replay = new([right], default), make = new([made], default);
        DiffusionOrder order = StepReplayerTests.OrderFor(ScheduleParameters.FlowMatchEuler(Steps), weights.Config.Shape, 2, seed: (ulong)label, exact: false);
        Conditioning conditioning = Conditioning.OfLabel(label);
        ReadOnlyMemory<float> latent = order.CreateInitialLatent();
        int middle = (weights.Config.Layers / 2) - 1;
        var distances = new List<(double, double)>();
        for (int step = 0; step < Steps; step++)
        {
            StepReplay committed = await make.ReplayAsync(StepReplayerTests.TaskFor(order with { Guidance = guidance }, conditioning, step, latent, 0, weights.Config.Layers, middle));
            StepReplay recomputed = await replay.ReplayAsync(StepReplayerTests.TaskFor(order, conditioning, step, latent, 0, weights.Config.Layers, middle));
            distances.Add((
                LatentDistances.OfChange(latent.Span, committed.Latent.Span, recomputed.Latent.Span),
                HiddenDistance.Between(committed.States[0].Span, recomputed.States[0].Span, weights.Config.Width).Window));
            latent = committed.Latent;
        }
        return distances;
    }

    private static void Report(string name, List<(double Change, double States)> distances)
    {
        double[] changes = [.. distances.Select(d => d.Change).Order()], states = [.. distances.Select(d => d.States).Order()];
        TestContext.Out.WriteLine($"{name}: change min {changes[0]:G3}, median {changes[changes.Length / 2]:G3}, max {changes[^1]:G3}; states median {states[states.Length / 2]:G3}, max {states[^1]:G3}");
    }
}
