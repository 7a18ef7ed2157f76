using Ogong.Commitments;
using Ogong.Compute;

namespace Ogong.Engine;

/// <summary>What follows the last layer, for the rows whose outputs are wanted: final norm, LM head, choice of a token, and what a commitment needs of them. Only these rows come back.</summary>
/// <remarks>Not thread-safe: belongs to its executor.</remarks>
internal sealed class OutputStage : IDisposable
{
    private readonly StepExecutor _executor;
    private readonly DeviceBuffer _rowIndices;
    private readonly DeviceBuffer _gathered;
    private readonly DeviceBuffer _final;
    private readonly DeviceBuffer _logits;
    private readonly DeviceBuffer _parameters;
    private readonly DeviceBuffer _tokens;
    private readonly DeviceBuffer _logprobs;
    private readonly DeviceBuffer _margins;
    private readonly DeviceBuffer _topIds;
    private readonly DeviceBuffer _topLogprobs;
    private readonly DeviceBuffer _sketch;
    private readonly int _topK;
    private readonly int _directions;
    private readonly ulong _bankSeed;

    public OutputStage(StepExecutor executor, int topK, SketchParameters sketch)
    {
        if (!executor.Last.IsLast) throw new ArgumentException("Only the segment to the last layer has outputs.", nameof(executor));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(topK, executor.Config.VocabularySize);
        (_executor, _topK, _directions, _bankSeed) = (executor, topK, sketch.Directions, sketch.BankSeed);
        // Logits are the widest states there are; a pass over many positions goes through the head in blocks of this many.
        MaxRows = Math.Min(executor.Options.RowsPerStep, Math.Max(executor.Options.Sequences, 64));
        (IBackend backend, long rows) = (executor.Backend, MaxRows);
        _rowIndices = backend.Allocate(4 * rows);
        _gathered = backend.Allocate(4 * rows * executor.Config.HiddenSize);
        _final = backend.Allocate(4 * rows * executor.Config.HiddenSize);
        _logits = backend.Allocate(4 * rows * executor.Config.VocabularySize);
        _parameters = backend.Allocate(SamplingRow.SizeInBytes * rows);
        _tokens = backend.Allocate(4 * rows);
        _logprobs = backend.Allocate(4 * rows);
        _margins = backend.Allocate(4 * rows);
        _topIds = backend.Allocate(4 * rows * Math.Max(1, topK));
        _topLogprobs = backend.Allocate(4 * rows * Math.Max(1, topK));
        _sketch = backend.Allocate(4 * rows * Math.Max(1, _directions));
    }

    /// <summary>A stage that makes what the profile commits to.</summary>
    public static OutputStage Committing(StepExecutor executor) => new(executor, executor.Options.Profile.TopK, executor.Options.Profile.Sketch);

    /// <summary>Most rows in one call.</summary>
    public int MaxRows { get; }

    public OutputBatch CreateBatch() => new(MaxRows, _executor.Config.HiddenSize, _topK, _directions);

    /// <summary>Chooses a token for each of <paramref name="rows"/> of the step.</summary>
    public void Sample(ReadOnlySpan<int> rows, ReadOnlySpan<SamplingRow> parameters, OutputBatch results)
    {
        Head(rows, results);
        ComputeQueue queue = _executor.Queue;
        queue.Write(parameters, _parameters);
        queue.Sample(_logits, _parameters, _tokens, rows.Length, _executor.Config.VocabularySize);
        queue.Read(_tokens, results.Tokens.AsMemory(0, rows.Length));
        Describe(rows.Length, results);
    }

    /// <summary>Takes the tokens as given and, where sampling parameters are given too, measures how far they are from the sampler's choice.</summary>
    public void Force(ReadOnlySpan<int> rows, ReadOnlySpan<int> tokens, ReadOnlySpan<SamplingRow> parameters, OutputBatch results)
    {
        Head(rows, results);
        ComputeQueue queue = _executor.Queue;
        queue.Write(tokens, _tokens);
        tokens.CopyTo(results.Tokens);
        if (!parameters.IsEmpty) Measure(parameters, results.Margins);
        Describe(rows.Length, results);
    }

    /// <summary>Measures how far the tokens last given are from what the sampler chooses with these parameters.</summary>
    public void Measure(ReadOnlySpan<SamplingRow> parameters, float[] margins)
    {
        ComputeQueue queue = _executor.Queue;
        queue.Write(parameters, _parameters);
        queue.SampleMargin(_logits, _parameters, _tokens, _margins, parameters.Length, _executor.Config.VocabularySize);
        queue.Read(_margins, margins.AsMemory(0, parameters.Length));
    }

    public void Dispose()
    {
        foreach (DeviceBuffer buffer in (ReadOnlySpan<DeviceBuffer>)
            [_rowIndices, _gathered, _final, _logits, _parameters, _tokens, _logprobs, _margins, _topIds, _topLogprobs, _sketch])
            buffer.Dispose();
    }

    private void Head(ReadOnlySpan<int> rows, OutputBatch results)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows.Length, MaxRows, nameof(rows));
        results.Count = rows.Length;
        (ComputeQueue queue, Segment last, int h) = (_executor.Queue, _executor.Last, _executor.Config.HiddenSize);
        queue.Scope = "model.norm";
        queue.Write(rows, _rowIndices);
        queue.GatherRows(_executor.Hidden, _rowIndices, _gathered, rows.Length, h);
        queue.RmsNorm(_gathered, last.FinalNorm!, _executor.Config.RmsNormEpsilon, _final, rows.Length, h);
        queue.Scope = "lm_head";
        queue.Linear(_final, last.Head!, null, _logits, rows.Length, _executor.Options.Mode);
    }

    private void Describe(int rows, OutputBatch results)
    {
        (ComputeQueue queue, int h) = (_executor.Queue, _executor.Config.HiddenSize);
        if (_topK > 0)
        {
            queue.LogprobDigest(_logits, _topIds, _topLogprobs, _tokens, _logprobs, rows, _executor.Config.VocabularySize, _topK);
            queue.Read(_logprobs, results.Logprobs.AsMemory(0, rows));
            queue.Read(_topIds, results.TopIds.AsMemory(0, rows * _topK));
            queue.Read(_topLogprobs, results.TopLogprobs.AsMemory(0, rows * _topK));
            queue.Read(_final, results.Hidden.AsMemory(0, rows * h));
        }
        if (_directions > 0)
        {
            queue.SrpProject(_final, _bankSeed, _sketch, rows, h, _directions);
            queue.Read(_sketch, results.Sketch.AsMemory(0, rows * _directions));
        }
    }
}
