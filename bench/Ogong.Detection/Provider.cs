using Ogong.Commitments;
using Ogong.Engine;
using Ogong.Records;

namespace Ogong.Detection;

/// <summary>What a pass over one sequence leaves, for the positions that make its windows.</summary>
/// <param name="Width">Width of the states.</param>
/// <param name="Hidden">States before the head [positions × Width].</param>
/// <param name="Sketch">Their sketches under the fixed bank [positions × <see cref="Bank"/> directions].</param>
/// <param name="TopIds">Likeliest tokens [positions × k].</param>
/// <param name="TopLogprobs">Their log-probabilities [positions × k].</param>
/// <param name="Margins">How far each following token is from the sampler's choice.</param>
internal sealed record Trace(int Width, float[] Hidden, float[] Sketch, int[] TopIds, float[] TopLogprobs, float[] Margins)
{
    /// <summary>Entries of the lists.</summary>
    public const int TopK = 128;

    /// <summary>The fixed bank; its first m directions are a bank of m.</summary>
    public static SketchParameters Bank { get; } = new(0, 128, StorageFormat.F32);

    public ReadOnlySpan<float> HiddenOf(int window) => Rows(Hidden, window, Width);

    public ReadOnlySpan<float> SketchOf(int window) => Rows(Sketch, window, Bank.Directions);

    /// <summary>The first <paramref name="k"/> entries of every list of a window.</summary>
    public TopKWindow TopKOf(int window, int k)
    {
        var ids = new int[CommitmentWindow.Length * k];
        var logprobs = new float[ids.Length];
        for (int r = 0; r < CommitmentWindow.Length; r++)
        {
            int from = ((window * CommitmentWindow.Length) + r) * TopK;
            Array.Copy(TopIds, from, ids, r * k, k);
            Array.Copy(TopLogprobs, from, logprobs, r * k, k);
        }
        return TopKWindow.Create(k, ids, logprobs);
    }

    private static ReadOnlySpan<float> Rows(float[] values, int window, int width) =>
        values.AsSpan(window * CommitmentWindow.Length * width, CommitmentWindow.Length * width);
}

/// <summary>A model resident on one backend in one arithmetic, reading known tokens. Owns its caches, not the segment.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class Provider : IDisposable
{
    private readonly StepExecutor _executor;
    private readonly OutputStage _outputs;
    private readonly TeacherForcedPass _pass;

    public Provider(Segment segment, ProfileParameters profile)
    {
        _executor = StepExecutor.ForWholeModel([segment], new ExecutionOptions { Profile = profile, ContextLength = Corpus.Length, RowsPerStep = Corpus.Length, Sequences = 1 });
        _outputs = new OutputStage(_executor, Trace.TopK, Trace.Bank);
        _pass = new TeacherForcedPass(_executor, _outputs);
    }

    /// <summary>Reads a sequence.</summary>
    public Trace Read(int[] tokens, SamplingParameters sampling)
    {
        int width = _executor.Config.HiddenSize, first = Corpus.Prompt - 1;
        var trace = new Trace(
            width,
            new float[Corpus.Reply * width],
            new float[Corpus.Reply * Trace.Bank.Directions],
            new int[Corpus.Reply * Trace.TopK],
            new float[Corpus.Reply * Trace.TopK],
            new float[Corpus.Reply]);
        _pass.RunAsync(tokens.AsMemory(), first, sampling, Visit, default).GetAwaiter().GetResult();
        return trace;

        void Visit(OutputBatch outputs, int position)
        {
            int at = position - first, count = Math.Min(outputs.Count, Corpus.Reply - at);
            if (count <= 0) return;
            outputs.Hidden.AsSpan(0, count * width).CopyTo(trace.Hidden.AsSpan(at * width));
            outputs.Sketch.AsSpan(0, count * outputs.Directions).CopyTo(trace.Sketch.AsSpan(at * outputs.Directions));
            outputs.TopIds.AsSpan(0, count * Trace.TopK).CopyTo(trace.TopIds.AsSpan(at * Trace.TopK));
            outputs.TopLogprobs.AsSpan(0, count * Trace.TopK).CopyTo(trace.TopLogprobs.AsSpan(at * Trace.TopK));
            outputs.Margins.AsSpan(0, count).CopyTo(trace.Margins.AsSpan(at));
        }
    }

    public void Dispose()
    {
        _outputs.Dispose();
        _executor.Dispose();
    }
}
