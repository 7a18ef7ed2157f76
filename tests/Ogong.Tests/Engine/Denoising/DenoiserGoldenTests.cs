using NUnit.Framework;
using Ogong.Compute;
using Ogong.Diffusion;
using Ogong.Engine;

namespace Ogong.Tests.Engine;

/// <summary>Diffusion transformers against independent float64 forwards, and the bits of the exact profile, once for all backends.</summary>
[TestFixture]
internal sealed class DenoiserGoldenTests
{
    private const string
        PinnedOutputs = "64db6fd018621e59d8838ec161924cce453456e65d3bd5a6ff7ab595cd36c37a",
        PinnedGuidedStep = "7f82c4f255bdecc081277a7d6b167146ccb2067698bc7b99f5871e909e2fa9ab",
        PinnedTrajectories = "6673df3b84c599b22155f7f34c76ebcf3fa1d117b0486dc14b8b16f8a251ddf4";

    [TestCaseSource(typeof(TestBackends), nameof(TestBackends.Exact))]
    public async Task EvaluationsAgreeAndArePinned(string backend)
    {
        using DenoiserCase glyphs = await DenoiserCase.GlyphsAsync(TestBackends.Create(backend));
        using var denoiser = new Denoiser(glyphs.Segments);
        var outputs = new List<ReadOnlyMemory<float>>();
        DenoiserGolden.Evaluation[] cases = DenoiserGolden.Read().Forward;
        // One of the four where devices are emulated.
        foreach (DenoiserGolden.Evaluation golden in TestBackends.Names.Contains(backend) ? cases : cases[..1])
        {
            float[] output = await denoiser.ForwardAsync(Narrow(golden.Latent), golden.Timestep, Conditioning.OfLabel(golden.Label));
            Assert.That(DenoiserCase.RelativeL2(output, golden.Output), Is.LessThan(1e-6), $"timestep {golden.Timestep}");
            outputs.Add(output);
        }
        Assert.That(DenoiserCase.Sha256(outputs.Take(1)), Is.EqualTo(PinnedOutputs));
    }

    [Test]
    public async Task TrajectoriesAgreeAndArePinned()
    {
        using DenoiserCase glyphs = await DenoiserCase.GlyphsAsync(TestBackends.CreateFastest());
        var latents = new List<ReadOnlyMemory<float>>();
        foreach (DenoiserGolden.Run golden in DenoiserGolden.Read().FlowEuler) latents.AddRange(await FollowAsync(glyphs, golden, golden.Steps));
        Assert.That(DenoiserCase.Sha256(latents), Is.EqualTo(PinnedTrajectories));
    }

    [TestCaseSource(typeof(TestBackends), nameof(TestBackends.Exact))]
    public async Task AGuidedStepAgreesAndIsPinned(string backend)
    {
        using DenoiserCase glyphs = await DenoiserCase.GlyphsAsync(TestBackends.Create(backend));
        DenoiserGolden.Run golden = DenoiserGolden.Read().FlowEuler.Single(run => run.Guidance != 1);
        Assert.That(DenoiserCase.Sha256(await FollowAsync(glyphs, golden, steps: 1)), Is.EqualTo(PinnedGuidedStep));
    }

    [TestCaseSource(typeof(TinyDenoiser), nameof(TinyDenoiser.All))]
    public async Task AnyRankAndCrossAttentionAgreeWithTheTextbook(TinyDenoiser.TheoryConfig theory)
    {
        var weights = new TinyDenoiser(theory.Config, type: theory.Name == "video" ? ElementType.F16 : ElementType.F32);
        using DenoiserCase tiny = await DenoiserCase.LoadAsync(TestBackends.CreateFastest(), weights);
        using var denoiser = new Denoiser(tiny.Segments);
        var oracle = new DenoiserOracle(weights);
        for (int i = 0; i < 3; i++)
        {
            float[] latent = TinyDenoiser.Values(new Random(i), theory.Config.Shape.Count, 3);
            Conditioning conditioning = TinyDenoiser.Conditioning(theory.Config, i);
            double[][] context = [.. conditioning.Conditional.ToArray().Select(v => (double)v).Chunk(Math.Max(1, conditioning.Width))];
            float timestep = (333.25f * i) + 0.5f;
            float[] output = await denoiser.ForwardAsync(latent, timestep, conditioning);
            Assert.That(DenoiserCase.RelativeL2(output, oracle.Forward(latent, timestep, conditioning.Label, context)), Is.LessThan(2e-6), $"case {i}");
        }
    }

    /// <summary>The latents after each of the first steps of a golden trajectory, each step replayed from the one before.</summary>
    private static async Task<List<ReadOnlyMemory<float>>> FollowAsync(DenoiserCase glyphs, DenoiserGolden.Run golden, int steps)
    {
        using var replayer = new StepReplayer(glyphs.Segments, default);
        DiffusionOrder order = StepReplayerTests.OrderFor(ScheduleParameters.FlowMatchEuler(golden.Steps, spacing: TimestepSpacing.Trailing), glyphs.Config.Shape, golden.Guidance);
        var latents = new List<ReadOnlyMemory<float>>();
        ReadOnlyMemory<float> latent = Narrow(golden.Trajectory[0]);
        for (int step = 0; step < steps; step++)
        {
            StepReplay replay = await replayer.ReplayAsync(StepReplayerTests.TaskFor(order, Conditioning.OfLabel(golden.Label), step, latent, 0, glyphs.Config.Layers));
            latents.Add(latent = replay.Latent);
            Assert.That(DenoiserCase.RelativeL2(latent.Span, golden.Trajectory[step + 1]), Is.LessThan(1e-5), $"guidance {golden.Guidance}, step {step}");
        }
        return latents;
    }

    private static float[] Narrow(double[] values) => [.. values.Select(v => (float)v)];
}
