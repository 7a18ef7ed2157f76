using NUnit.Framework;
using Ogong.Diffusion;
using Ogong.Engine;
using Ogong.Models;

namespace Ogong.Tests.Engine;

/// <summary>Steps replayed for an auditor: the trajectory's bits, whole or by layers.</summary>
[TestFixture]
internal sealed class StepReplayerTests
{
    public static DiffusionOrder OrderFor(ScheduleParameters schedule, LatentShape shape, float guidance, ulong seed = 7, bool exact = true) => new()
    {
        Network = "test",
        Salt = default,
        ConsumerKeyId = default,
        ModelRoot = default,
        ConditioningHash = default,
        Profile = exact ? LatentProfile.Exact : LatentProfile.Fast(),
        Schedule = schedule,
        Shape = shape,
        Seed = seed,
        Guidance = guidance,
        Stride = 1,
        Fee = 1,
        Deadline = 1,
    };

    public static StepReplayTask TaskFor(DiffusionOrder order, Conditioning conditioning, int step, ReadOnlyMemory<float> latent, int first, int end, params int[] statesAfter) => new()
    {
        Order = order,
        Conditioning = conditioning,
        Step = step,
        Latent = latent,
        FirstLayer = first,
        EndLayer = end,
        StatesAfter = [.. statesAfter],
    };

    private static IEnumerable<TestCaseData> Cases() =>
        from theory in TinyDenoiser.All
        from guidance in (float[])[1, 2.5f]
        select new TestCaseData(theory, guidance);

    [TestCaseSource(nameof(Cases))]
    public async Task AStepReplayedIsTheStepInTheTrajectory(TinyDenoiser.TheoryConfig theory, float guidance)
    {
        // DDIM with fresh noise: every term of a step is there.
        ScheduleParameters schedule = ScheduleParameters.Ddim(4, BetaSchedule.Linear(0.0001, 0.02, 1000), eta: 0.7);
        using DenoiserCase tiny = await DenoiserCase.LoadAsync(TestBackends.CreateFastest(), new TinyDenoiser(theory.Config));
        using var denoiser = new Denoiser(tiny.Segments);
        using var replayer = new StepReplayer(tiny.Segments, default);
        Conditioning conditioning = TinyDenoiser.Conditioning(theory.Config, 2);
        DiffusionOrder order = OrderFor(schedule, theory.Config.Shape, guidance);
        DenoiserResult result = await denoiser.RunAsync(new DenoiserRequest
        {
            Conditioning = conditioning, Schedule = Schedule.Create(schedule), Seed = order.Seed, Guidance = guidance, Stride = 1,
        });
        for (int step = 0; step < 4; step++)
        {
            StepReplay replay = await replayer.ReplayAsync(TaskFor(order, conditioning, step, result.Trajectory[step], 0, theory.Config.Layers));
            Assert.That(replay.Latent.ToArray(), Is.EqualTo(result.Trajectory[step + 1].ToArray()), $"step {step}");
        }
    }

    [Test]
    public async Task LayersReplayedOneSegmentAfterTheOtherAreTheWholeStep()
    {
        using DenoiserCase tiny = await DenoiserCase.LoadAsync(TestBackends.CreateFastest(), new TinyDenoiser(TinyDenoiser.Image), segments: 3);
        using var whole = new StepReplayer(tiny.Segments, default);
        DiffusionOrder order = OrderFor(ScheduleParameters.FlowMatchEuler(4), tiny.Config.Shape, guidance: 3);
        Conditioning conditioning = Conditioning.OfLabel(1);
        float[] latent = TinyDenoiser.Values(new Random(3), tiny.Config.Shape.Count);
        StepReplay expected = await whole.ReplayAsync(TaskFor(order, conditioning, 2, latent, 0, 3, 0, 1, 2));
        Assert.That(expected.States.Select(s => s.Length), Is.All.EqualTo(2 * tiny.Config.Tokens * tiny.Config.Width));

        ReadOnlyMemory<float> states = default;
        for (int i = 0; i < 3; i++)
        {
            using var part = new StepReplayer([tiny.Segments[i]], default);
            StepReplay replay = await part.ReplayAsync(TaskFor(order, conditioning, 2, latent, i, i + 1, i) with { InputStates = states });
            states = replay.States[0];
            Assert.That(states.ToArray(), Is.EqualTo(expected.States[i].ToArray()), $"states after layer {i}");
            Assert.That(replay.Latent.ToArray(), Is.EqualTo(i == 2 ? expected.Latent.ToArray() : []));
        }
    }

    [Test]
    public async Task TasksThatDoNotFitAreRefused()
    {
        using DenoiserCase tiny = await DenoiserCase.LoadAsync(TestBackends.CreateFastest(), new TinyDenoiser(TinyDenoiser.Text), segments: 3);
        using var replayer = new StepReplayer(tiny.Segments[1..], default, contextTokens: 5);
        DenoiserConfig config = tiny.Config;
        DiffusionOrder order = OrderFor(ScheduleParameters.FlowMatchEuler(4), config.Shape, guidance: 3);
        Conditioning conditioning = TinyDenoiser.Conditioning(config, 2);
        float[] latent = new float[config.Shape.Count];
        StepReplayTask good = TaskFor(order, conditioning, 0, latent, 1, 3, 1) with { InputStates = new float[2 * config.Tokens * config.Width] };
        await replayer.ReplayAsync(good);
        StepReplayTask[] bad =
        [
            good with { FirstLayer = 0 }, good with { EndLayer = 4 }, good with { FirstLayer = 3 }, good with { Step = 4 }, good with { Step = -1 }, good with { StatesAfter = [1, 1] },
            good with { StatesAfter = [0] }, good with { StatesAfter = [3] }, good with { InputStates = new float[1] }, good with { Latent = new float[3] },
            good with { Conditioning = Conditioning.OfLabel(0) }, good with { Conditioning = TinyDenoiser.Conditioning(config, 5) },
            good with { Conditioning = Conditioning.OfVectors(config.ContextWidth, new float[config.ContextWidth]) },
            good with { Conditioning = Conditioning.OfVectors(config.ContextWidth + 1, new float[config.ContextWidth + 1], new float[config.ContextWidth + 1]) },
            good with { Order = order with { Shape = new LatentShape(2, 8, 8) } },
        ];
        foreach (StepReplayTask task in bad) await Assert.ThrowsAsync<ArgumentException>(async () => await replayer.ReplayAsync(task));
    }

    [Test]
    public async Task WorkUnitsOfRangesAddUpToTheWhole()
    {
        using DenoiserCase tiny = await DenoiserCase.LoadAsync(TestBackends.CreateFastest(), new TinyDenoiser(TinyDenoiser.Image));
        using var replayer = new StepReplayer(tiny.Segments, default);
        Conditioning conditioning = Conditioning.OfLabel(0);
        DiffusionOrder guided = OrderFor(ScheduleParameters.FlowMatchEuler(10), tiny.Config.Shape, guidance: 2), plain = guided with { Guidance = 1 };
        ulong whole = replayer.WorkUnits(0, 3, guided, conditioning);
        Assert.That(replayer.WorkUnits(0, 1, guided, conditioning) + replayer.WorkUnits(1, 3, guided, conditioning), Is.EqualTo(whole));
        Assert.That(replayer.WorkUnits(0, 3, plain, conditioning) * 2, Is.EqualTo(whole));
        // 8 tokens, width 32: patches 8·8·32; a block (256 + 32)·32 + 6·32² + 8·4·32² + 2·8²·32 + 2·8·32·128; the head (256 + 32)·32 + 2·32² + 8·8·32.
        const long Embedding = 2048, Block = 9216 + 6144 + 32768 + 4096 + 65536, Head = 9216 + 2048 + 2048;
        Assert.That(DenoiserUnits.Of(tiny.Config), Is.EqualTo(new DenoiserUnits(Embedding, Block, Head)));
        Assert.That(whole, Is.EqualTo(10 * 2 * (Embedding + (3 * Block) + Head)));
    }
}
