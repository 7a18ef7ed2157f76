using System.Collections.Immutable;
using Ogong.Audit;
using Ogong.Bytes;
using Ogong.Commitments;
using Ogong.Numerics;
using Ogong.Records;

namespace Ogong.Tests.Audit;

/// <summary>
/// A causal toy model in plain loops: enough of a model (positions mix, layers differ, a head, the profile's sampler) for every protocol path, and a re-executor over it. Its fields are what a cheat changes.
/// </summary>
internal sealed record ToyModel : IReexecutor
{
    public const int Vocabulary = 24, StateWidth = 6, LayerCount = 6;

    public Digest ModelRoot { get; init; } = new HashTag("toy/model").Hash([1]);

    public float[] Weights { get; init; } = [.. Enumerable.Range(0, LayerCount * StateWidth).Select(i => Unit(1, i, 0))];

    public float Theta { get; init; } = 10f;

    /// <summary>Layers that do nothing.</summary>
    public ImmutableHashSet<int> Skipped { get; init; } = [];

    /// <summary>Relative rounding noise added to every state, as another device in the tolerance tier has.</summary>
    public float Noise { get; init; }

    public int Layers => LayerCount;

    public int Width => StateWidth;

    public int VocabularySize => Vocabulary;

    public int MaxPositions => 4096;

    public ulong WorkUnits(int firstLayer, int endLayer, int promptLength, int tokenCount) =>
        (ulong)((endLayer - firstLayer) * 100 * (promptLength + tokenCount - 1)) + (endLayer == Layers ? (ulong)(7 * tokenCount) : 0);

    public ValueTask<SegmentReplay> ReplayAsync(ReplayTask task, CancellationToken cancellationToken = default) => ValueTask.FromResult(Run(task));

    /// <summary>Weights rounded to 8 bits of the largest magnitude.</summary>
    public ToyModel RoundedTo8Bits()
    {
        float scale = Weights.Max(MathF.Abs) / 127;
        return this with { Weights = [.. Weights.Select(w => MathF.Round(w / scale) * scale)] };
    }

    public ToyModel WithFlippedWeight(int index)
    {
        float[] weights = [.. Weights];
        weights[index] = -weights[index];
        return this with { Weights = weights };
    }

    /// <summary>States of every row after layers [first, end); work gets the states after its layer.</summary>
    public float[] Forward(int first, int end, ReadOnlySpan<int> tokens, ReadOnlySpan<float> input, WorkHasher? work = null)
    {
        float[] x = first == 0 ? Embed(tokens) : input.ToArray();
        int rows = x.Length / StateWidth;
        for (int layer = first; layer < end; layer++)
        {
            var y = (float[])x.Clone();
            for (int t = 0; t < rows && !Skipped.Contains(layer); t++)
            {
                for (int i = 0; i < StateWidth; i++)
                {
                    float past = t == 0 ? 0 : x[((t - 1) * StateWidth) + ((i + 1) % StateWidth)];
                    float mixed = (x[(t * StateWidth) + i] * 0.7f) + (past * Weights[(layer * StateWidth) + i]) + (MathF.Abs(x[t * StateWidth]) * 0.1f) + ((t % Theta) * 0.01f);
                    y[(t * StateWidth) + i] = mixed * (1 + (Noise * Unit(100 + layer, t, i)));
                }
            }
            x = y;
            if (work?.Layer == layer) work.Append(x);
        }
        return x;
    }

    public float[] Logits(ReadOnlySpan<float> hidden)
    {
        var logits = new float[Vocabulary];
        for (int v = 0; v < Vocabulary; v++)
            for (int i = 0; i < StateWidth; i++) logits[v] += hidden[i] * Unit(2, v, i) * 4;
        return logits;
    }

    public static float Score(float logit, int token, SamplingParameters sampling, int position) =>
        sampling.Temperature == 0 ? logit : (logit / sampling.Temperature) + Randomness.Gumbel(sampling.Seed, token, position);

    public static int Choose(float[] logits, SamplingParameters sampling, int position) =>
        Enumerable.Range(0, Vocabulary).MaxBy(v => Score(logits[v], v, sampling, position));

    public static (int[] Ids, float[] Logprobs) TopK(float[] logits, int k)
    {
        float lse = ExactMath.Log(logits.Aggregate(0f, (sum, l) => sum + ExactMath.Exp(l)));
        int[] ids = [.. Enumerable.Range(0, Vocabulary).OrderByDescending(v => logits[v]).ThenBy(v => v).Take(k)];
        return (ids, [.. ids.Select(v => logits[v] - lse)]);
    }

    public static float[] SketchOf(ReadOnlySpan<float> rows, SketchParameters bank)
    {
        if (bank.Directions == 0) return [];
        var values = new List<float>();
        var row = new float[bank.Directions];
        for (int r = 0; r < rows.Length / StateWidth; r++)
        {
            SrpBank.Project(rows.Slice(r * StateWidth, StateWidth), StateWidth, bank with { Format = StorageFormat.F32 }).Row(0, row);
            values.AddRange(row);
        }
        return [.. values];
    }

    /// <summary>Commitments of the text windows of teacher-forced tokens, and the margins.</summary>
    public (IReadOnlyList<TextWindowEvidence> Windows, Digest Root, float[] Margins) Commit(
        float[] hidden, int promptLength, ReadOnlySpan<int> tokens, ProfileParameters profile, SketchParameters bank, SamplingParameters sampling)
    {
        using var committer = new TextCommitter(StateWidth, bank, profile.TopK);
        var margins = new float[tokens.Length];
        for (int i = 0; i < tokens.Length; i++)
        {
            ReadOnlySpan<float> row = hidden.AsSpan((promptLength - 1 + i) * StateWidth, StateWidth);
            float[] logits = Logits(row);
            (int[] ids, float[] logprobs) = TopK(logits, profile.TopK);
            committer.Append(tokens[i], row, SketchOf(row, bank), ids, logprobs);
            int best = Choose(logits, sampling, promptLength + i);
            margins[i] = Math.Max(0, Score(logits[best], best, sampling, promptLength + i) - Score(logits[tokens[i]], tokens[i], sampling, promptLength + i));
        }
        Digest root = committer.Finish();
        return (committer.Windows, root, margins);
    }

    /// <summary>A number in [−1, 1) with the same bits on every platform, which the library's trigonometry does not promise.</summary>
    private static float Unit(int purpose, int a, int b) => ((Philox4x32.Generate(42, (uint)a, (uint)b, (uint)purpose, 0).W0 >> 8) / 8388608f) - 1;

    private SegmentReplay Run(ReplayTask task)
    {
        int[] fed = [.. task.Prompt, .. task.Tokens.AsSpan()[..^1]];
        float[] output = Forward(task.FirstLayer, task.EndLayer, fed, task.InputStates.Span, task.Work);
        if (output.Any(v => !float.IsFinite(v))) throw new ArithmeticException("not finite");
        if (task.EndLayer == Layers)
        {
            (IReadOnlyList<TextWindowEvidence> windows, _, float[] margins) = Commit(output, task.Prompt.Length, task.Tokens.AsSpan(), task.Profile, task.Sketch, task.Sampling);
            return new SegmentReplay { TextWindows = windows, Margins = margins };
        }
        using var boundary = new BoundaryCommitter(StateWidth, task.Sketch);
        boundary.Append(output, SketchOf(output, task.Sketch));
        return new SegmentReplay { Output = boundary.Finish(), OutputStates = task.KeepOutput ? output : default };
    }

    private static float[] Embed(ReadOnlySpan<int> tokens)
    {
        var x = new float[tokens.Length * StateWidth];
        for (int t = 0; t < tokens.Length; t++)
            for (int i = 0; i < StateWidth; i++) x[(t * StateWidth) + i] = Unit(3, tokens[t], i);
        return x;
    }
}
