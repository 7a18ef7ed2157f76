using Ogong.Engine;
using Ogong.Records;

namespace Ogong.Detection;

/// <summary>A model resident on one backend in one arithmetic, reading known tokens. Owns its caches, not the segment.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class Provider : IDisposable
{
    private readonly StepExecutor _executor;
    private readonly OutputStage _outputs;
    private readonly TeacherForcedPass _pass;

    /// <param name="segment">The model.</param>
    /// <param name="profile">Its arithmetic.</param>
    /// <param name="decodes">Whether it goes token by token.</param>
    public Provider(Segment segment, ProfileParameters profile, bool decodes = false)
    {
        int rows = decodes ? 1 : Corpus.Length;
        _executor = StepExecutor.ForWholeModel([segment], new ExecutionOptions { Profile = profile, ContextLength = Corpus.Length, RowsPerStep = rows, Sequences = 1 });
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
