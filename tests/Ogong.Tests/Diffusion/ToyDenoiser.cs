using System.Collections.Concurrent;
using System.Collections.Immutable;
using Ogong.Bytes;
using Ogong.Diffusion;

namespace Ogong.Tests.Diffusion;

/// <summary>
/// A small denoiser in plain loops: enough of one (tokens mix, layers differ, time and class modulate, two branches, a head, the profile's scheduler update) for every protocol path, and a replayer over
/// it. Its fields are what a cheat changes.
/// </summary>
internal sealed record ToyDenoiser : IStepReplayer
{
    public const int LayerCount = 6, StateWidth = 4, Classes = 10;

    private static readonly ConcurrentDictionary<ScheduleParameters, Schedule> schedules = new();

    public Digest ModelRoot { get; init; } = new HashTag("toy/denoiser").Hash([1]);

    public float[] Weights { get; init; } = [.. Enumerable.Range(0, LayerCount * StateWidth * 2).Select(i => Unit(1, i))];

    /// <summary>Layers that do nothing.</summary>
    public ImmutableHashSet<int> Skipped { get; init; } = [];

    /// <summary>Relative rounding noise added to every state, as another device in the tolerance tier has.</summary>
    public float Noise { get; init; }

    /// <summary>Layers run, over all steps and branches: what an audit costs.</summary>
    public int[] LayersRun { get; } = new int[1];

    public int Layers => LayerCount;

    public int Width => StateWidth;

    public int StateCount(DiffusionOrder order) => order.Branches * (order.Shape.Count / 2) * StateWidth;

    public string? Objection(DiffusionOrder order, Conditioning conditioning) =>
        order.Shape.Channels != 2 || order.Shape.Rank != 2 ? "a latent has two channels and two sizes" : conditioning.Label is not < Classes ? "there is no such class" : null;

    public ulong WorkUnits(int firstLayer, int endLayer, DiffusionOrder order, Conditioning conditioning) =>
        (ulong)(order.Steps * order.Branches * (((endLayer - firstLayer) * 100) + (firstLayer == 0 ? 10 : 0) + (endLayer == LayerCount ? 7 : 0)));

    public ValueTask<StepReplay> ReplayAsync(StepReplayTask task, CancellationToken cancellationToken = default) => ValueTask.FromResult(Run(task));

    /// <summary>Weights rounded to 8 bits of the largest magnitude.</summary>
    public ToyDenoiser RoundedTo8Bits()
    {
        float scale = Weights.Max(MathF.Abs) / 127;
        return this with { Weights = [.. Weights.Select(w => MathF.Round(w / scale) * scale)] };
    }

    public StepReplay Run(StepReplayTask task)
    {
        DiffusionOrder order = task.Order;
        ScheduleStep step = schedules.GetOrAdd(order.Schedule, Schedule.Create).Steps[task.Step];
        int count = order.Shape.Count, tokens = count / 2;
        float[] x = task.FirstLayer == 0 ? Embed(task, step, tokens) : task.InputStates.ToArray();
        var states = new List<ReadOnlyMemory<float>>();
        for (int layer = task.FirstLayer; layer < task.EndLayer; layer++)
        {
            for (int branch = 0; branch < order.Branches; branch++) Layer(layer, x.AsSpan(branch * tokens * StateWidth, tokens * StateWidth), step.Timestep, branch == 0 ? task.Conditioning.Label!.Value : Classes);
            if (task.StatesAfter.Contains(layer)) states.Add(x.ToArray());
        }
        LayersRun[0] += (task.EndLayer - task.FirstLayer) * order.Branches;
        return new StepReplay { States = states, Latent = task.EndLayer == LayerCount ? Advance(order, step, task.Latent.Span, x, tokens) : default };
    }

    // One token per position: s·x of its channels, and its place.
    private static float[] Embed(StepReplayTask task, ScheduleStep step, int tokens)
    {
        ReadOnlySpan<float> latent = task.Latent.Span;
        var x = new float[task.Order.Branches * tokens * StateWidth];
        for (int row = 0; row < task.Order.Branches * tokens; row++)
        {
            int t = row % tokens;
            (float a, float b) = (step.InputScale * latent[t], step.InputScale * latent[tokens + t]);
            (x[row * StateWidth], x[(row * StateWidth) + 1], x[(row * StateWidth) + 2], x[(row * StateWidth) + 3]) = (a, b, a - b, t / (float)tokens);
        }
        return x;
    }

    // x += w·(x of this and of the neighbouring token, rolled by one) + w'·(time and class), squashed.
    private void Layer(int layer, Span<float> x, float timestep, int label)
    {
        if (Skipped.Contains(layer)) return;
        float[] before = x.ToArray();
        for (int i = 0; i < x.Length; i++)
        {
            int d = i % StateWidth, at = ((layer * StateWidth) + d) * 2;
            float neighbour = before[(i + StateWidth + 1) % x.Length];
            float u = (Weights[at] * (before[i] + neighbour)) + (Weights[at + 1] * ((timestep / 1000) + Unit(2, (label * StateWidth) + d)));
            x[i] = before[i] + (u / (1 + MathF.Abs(u)));
            if (Noise > 0) x[i] *= 1 + (Noise * Unit(3, (layer * 4099) + i));
        }
    }

    private static float[] Advance(DiffusionOrder order, ScheduleStep step, ReadOnlySpan<float> latent, float[] x, int tokens)
    {
        var next = new float[latent.Length];
        for (int i = 0; i < next.Length; i++)
        {
            float v = Output(x, i, tokens);
            if (order.IsGuided)
            {
                float unconditional = Output(x.AsSpan(tokens * StateWidth), i, tokens);
                v = MathF.FusedMultiplyAdd(order.Guidance, v - unconditional, unconditional);
            }
            float data = Math.Clamp(MathF.FusedMultiplyAdd(step.DataFromOutput, v, step.DataFromLatent * latent[i]), -step.DataLimit, step.DataLimit);
            next[i] = MathF.FusedMultiplyAdd(step.FromOutput, v, MathF.FusedMultiplyAdd(step.FromData, data, step.FromLatent * latent[i]));
        }
        if (!next.All(float.IsFinite)) throw new ArithmeticException("A latent is not finite.");
        return next;
    }

    private static float Output(ReadOnlySpan<float> x, int i, int tokens)
    {
        int row = i % tokens * StateWidth, channel = i / tokens;
        return 0.25f * (x[row + channel] + x[row + 2] - x[row + 3]);
    }

    private static float Unit(int stream, int i) => (float)((BitConverter.ToUInt32(new HashTag("toy/unit").Hash([(byte)stream, .. BitConverter.GetBytes(i)]).Span) / 2147483648.0) - 1);
}
