using Ogong.Audit;
using Ogong.Commitments;
using Ogong.Compute;
using Ogong.Records;

namespace Ogong.Engine;

/// <summary>One teacher-forced pass for an auditor.</summary>
internal sealed class ReplayRun : IDisposable
{
    private readonly StepExecutor _executor;
    private readonly ReplayTask _task;
    private readonly int[] _tokens;
    private readonly OutputStage? _outputs;
    private readonly OutputBatch? _batch;
    private readonly TextCommitter? _text;
    private readonly float[] _margins;
    private readonly IReadOnlyList<SamplingParameters> _rules;
    private readonly float[][] _underRule; // Margins of a block under each rule but the first.
    private readonly BoundaryCommitter? _boundary;
    private readonly DeviceBuffer? _sketchBuffer;
    private readonly float[] _sketch;
    private readonly float[] _states;
    private readonly float[] _workStates;
    private readonly float[] _kept;

    public ReplayRun(StepExecutor executor, ReplayTask task)
    {
        (_executor, _task) = (executor, task);
        _tokens = [.. task.Prompt, .. task.Tokens];
        (int h, int rows) = (executor.Config.HiddenSize, executor.Options.RowsPerStep);
        bool isLast = task.EndLayer == executor.Config.Layers;
        _workStates = new float[task.Work is null ? 0 : rows * h];
        _margins = new float[isLast ? task.Tokens.Length : 0];
        _rules = task.Profile.IsExact ? [task.Sampling] : task.Sampling.Nearby();
        _underRule = [];
        _kept = new float[task.KeepOutput && !isLast ? task.Rows * h : 0];
        if (isLast)
        {
            _outputs = new OutputStage(executor, task.Profile.TopK, task.Sketch);
            _batch = _outputs.CreateBatch();
            _underRule = [.. _rules.Skip(1).Select(_ => new float[_outputs.MaxRows])];
            _text = new TextCommitter(h, task.Sketch, task.Profile.TopK);
            (_states, _sketch) = ([], []);
            return;
        }
        _boundary = new BoundaryCommitter(h, task.Sketch);
        _states = new float[rows * h];
        _sketch = new float[rows * task.Sketch.Directions];
        if (_sketch.Length > 0) _sketchBuffer = executor.Backend.Allocate(4L * _sketch.Length);
    }

    public async ValueTask<SegmentReplay> RunAsync(CancellationToken cancellationToken)
    {
        using CachedSequence sequence = _executor.Pages.Reserve(_task.Rows);
        for (int first = 0; first < _task.Rows; first += _executor.Options.RowsPerStep)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int rows = Math.Min(_executor.Options.RowsPerStep, _task.Rows - first);
            Layers(sequence, first, rows);
            if (_text is not null) await TextAsync(first, rows, cancellationToken).ConfigureAwait(false);
            else await BoundaryAsync(first, rows, cancellationToken).ConfigureAwait(false);
            _task.Work?.Append(_workStates.AsSpan(0, rows * _executor.Config.HiddenSize));
        }
        _text?.Finish();
        return new SegmentReplay { Output = _boundary?.Finish(), OutputStates = _kept, TextWindows = _text?.Windows ?? [], Margins = _margins };
    }

    public void Dispose()
    {
        _outputs?.Dispose();
        _text?.Dispose();
        _boundary?.Dispose();
        _sketchBuffer?.Dispose();
    }

    private void Layers(CachedSequence sequence, int first, int rows)
    {
        int h = _executor.Config.HiddenSize;
        _executor.Begin();
        if (_task.FirstLayer == 0) _executor.Append(sequence, _tokens.AsSpan(first, rows));
        else _executor.Append(sequence, _task.InputStates.Span.Slice(first * h, rows * h));
        _executor.Enter();
        int split = _task.Work is { } work ? work.Layer + 1 : _task.FirstLayer;
        _executor.Run(new LayerRange(_task.FirstLayer, split));
        if (_task.Work is not null) _executor.Queue.Read(_executor.Hidden, _workStates.AsMemory(0, rows * h));
        _executor.Run(new LayerRange(split, _task.EndLayer));
    }

    private async ValueTask TextAsync(int first, int rows, CancellationToken cancellationToken)
    {
        ComputeQueue queue = _executor.Queue;
        for (int p = Math.Max(first, _task.Prompt.Length - 1); p < first + rows; p += _outputs!.MaxRows)
        {
            int count = Math.Min(_outputs!.MaxRows, first + rows - p);
            Force(p, p - first, count);
            await queue.CompleteAsync(cancellationToken).ConfigureAwait(false);
            for (int i = 0; i < count; i++)
            {
                float margin = _batch!.Margins[i];
                foreach (float[] margins in _underRule) margin = Math.Min(margin, margins[i]);
                _margins[p + i - (_task.Prompt.Length - 1)] = margin;
                _text!.Append(_batch.Tokens[i], _batch.HiddenOf(i), _batch.SketchOf(i), _batch.TopIdsOf(i), _batch.TopLogprobsOf(i));
            }
        }
        await queue.CompleteAsync(cancellationToken).ConfigureAwait(false);
    }

    private void Force(int position, int firstRow, int count)
    {
        Span<int> rows = stackalloc int[count];
        Span<SamplingRow> sampling = stackalloc SamplingRow[count];
        for (int i = 0; i < count; i++) (rows[i], sampling[i]) = (firstRow + i, _task.Sampling.RowAt(position + i + 1));
        _outputs!.Force(rows, _tokens.AsSpan(position + 1, count), sampling, _batch!);
        for (int rule = 1; rule < _rules.Count; rule++)
        {
            for (int i = 0; i < count; i++) sampling[i] = _rules[rule].RowAt(position + i + 1);
            _outputs.Measure(sampling, _underRule[rule - 1]);
        }
    }

    private async ValueTask BoundaryAsync(int first, int rows, CancellationToken cancellationToken)
    {
        (ComputeQueue queue, int h, int m) = (_executor.Queue, _executor.Config.HiddenSize, _task.Sketch.Directions);
        queue.Read(_executor.Hidden, _states.AsMemory(0, rows * h));
        if (m > 0)
        {
            queue.SrpProject(_executor.Hidden, _task.Sketch.BankSeed, _sketchBuffer!, rows, h, m);
            queue.Read(_sketchBuffer!, _sketch.AsMemory(0, rows * m));
        }
        await queue.CompleteAsync(cancellationToken).ConfigureAwait(false);
        _boundary!.Append(_states.AsSpan(0, rows * h), _sketch.AsSpan(0, rows * m));
        if (_kept.Length > 0) _states.AsSpan(0, rows * h).CopyTo(_kept.AsSpan(first * h));
    }
}
