using NUnit.Framework;
using Ogong.Diffusion;
using Ogong.Engine;
using Ogong.Models;

namespace Ogong.Tests.Engine;

/// <summary>
/// What one step of glyph-dit becomes when something else is run than was ordered. In the exact profile every bit counts; the distances are what the tolerance tier has to tell apart
/// (docs/engine.md has the table that <see cref="Distances"/> prints).
/// </summary>
[TestFixture]
internal sealed class DenoiserSubstitutionTests
{
    private static readonly string[] Names = ["fast mode", "8-bit weights", "8-bit, one block", "a block skipped", "guidance 5 % higher", "another label"];

    [Test]
    public async Task NothingElseHasTheBitsAndOnlyGrossCheatsAreFar()
    {
        double[][] distances = await MeasureAsync(steps: 5, labels: [3, 30]);
        Assert.That(distances.SelectMany(d => d), Is.All.GreaterThan(0), "in every step");
        Assert.That(distances[0], Is.All.LessThan(0.03), "honest rounding to bfloat16 stays far within the outer band");
        Assert.That(distances[3].Concat(distances[5]), Is.All.GreaterThan(0.10), "a smaller model and another label are beyond it");
    }

    [Test]
    [Explicit("measures")]
    public async Task Distances()
    {
        double[][] distances = await MeasureAsync(steps: 24, labels: [.. Enumerable.Range(0, 12).Select(i => 3 * i)]);
        for (int i = 0; i < Names.Length; i++)
        {
            double[] sorted = [.. distances[i].Order()];
            TestContext.Out.WriteLine($"{Names[i],-20} min {sorted[0]:F4}  median {sorted[sorted.Length / 2]:F4}  max {sorted[^1]:F4}");
        }
        Assert.That(distances, Has.Length.EqualTo(Names.Length));
    }

    /// <summary>By substitution: the distance of the change of the latent, in every step of honest trajectories with guidance 2.</summary>
    private static async Task<double[][]> MeasureAsync(int steps, int[] labels)
    {
        using DenoiserCase glyphs = await DenoiserCase.GlyphsAsync(TestBackends.CreateFastest());
        using DenoiserSegment rounded = await DenoiserSegment.LoadAsync(glyphs.Backend, SubstitutedDenoiser.WithEightBitLayers(glyphs.Weights, 0, 4));
        using DenoiserSegment partly = await DenoiserSegment.LoadAsync(glyphs.Backend, SubstitutedDenoiser.WithEightBitLayers(glyphs.Weights, 2, 1));
        using DenoiserSegment smaller = await DenoiserSegment.LoadAsync(glyphs.Backend, SubstitutedDenoiser.WithSkippedLayer(glyphs.Weights, 1));
        using var honest = new StepReplayer(glyphs.Segments, default);
        using StepReplayer eightBit = new([rounded], default), oneBlock = new([partly], default), skipped = new([smaller], default);
        var distances = Names.Select(_ => new List<double>()).ToArray();
        foreach (int label in labels)
        {
            DiffusionOrder order = StepReplayerTests.OrderFor(ScheduleParameters.FlowMatchEuler(steps), glyphs.Config.Shape, guidance: 2, seed: (ulong)label);
            ReadOnlyMemory<float> latent = order.CreateInitialLatent();
            for (int step = 0; step < steps; step++)
            {
                ReadOnlyMemory<float> next = await RunAsync(honest, order, label);
                ReadOnlyMemory<float>[] others =
                [
                    await RunAsync(honest, order with { Profile = LatentProfile.Fast() }, label), await RunAsync(eightBit, order, label), await RunAsync(oneBlock, order, label),
                    await RunAsync(skipped, order, label), await RunAsync(honest, order with { Guidance = 2.1f }, label), await RunAsync(honest, order, (label + 1) % 36),
                ];
                for (int i = 0; i < others.Length; i++) distances[i].Add(LatentDistance.OfChange(latent.Span, others[i].Span, next.Span).Relative);
                latent = next;

                async Task<ReadOnlyMemory<float>> RunAsync(StepReplayer replayer, DiffusionOrder run, int what) =>
                    (await replayer.ReplayAsync(StepReplayerTests.TaskFor(run, Conditioning.OfLabel(what), step, latent, 0, 4))).Latent;
            }
        }
        return [.. distances.Select(d => d.ToArray())];
    }
}
