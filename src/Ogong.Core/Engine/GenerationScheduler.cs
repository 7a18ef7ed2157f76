using System.Diagnostics;
using Ogong.Commitments;
using Ogong.Compute;

namespace Ogong.Engine;

/// <summary>
/// The loop behind <see cref="TextGenerator"/>: as long as any reply is unfinished, forms a step from all of them, runs it, and hands out the tokens.
/// What a step's rows are committed to is hashed while the device runs the next step. In steady state nothing is allocated.
/// </summary>
internal sealed class GenerationScheduler : IAsyncDisposable
{
    private readonly StepExecutor _executor;
    private readonly OutputStage _outputs;
    private readonly Lock _gate = new();
    private readonly Queue<Generation> _waiting = new();
    private readonly List<Generation> _active = [];
    private readonly int[] _outputRows;
    private readonly SamplingRow[] _sampling;
    private Step _current;
    private Step _previous;
    private Task _loop = Task.CompletedTask;
    private bool _running;
    private bool _disposed;

    public GenerationScheduler(StepExecutor executor, bool commit)
    {
        _executor = executor;
        _outputs = commit ? OutputStage.Committing(executor) : new OutputStage(executor, topK: 0, SketchParameters.None);
        (_current, _previous) = (new Step(_outputs.CreateBatch()), new Step(_outputs.CreateBatch()));
        (_outputRows, _sampling) = (new int[_outputs.MaxRows], new SamplingRow[_outputs.MaxRows]);
    }

    public int ContextLength => _executor.ContextLength;

    public void Submit(Generation generation)
    {
        int pages = PagePool.PagesFor(generation.Request.Prompt.Length + generation.Request.MaxTokens);
        if (pages > _executor.Pages.Total) throw new KvCacheExhaustedException(pages, _executor.Pages.Total, _executor.Pages.Total);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(TextGenerator));
            _waiting.Enqueue(generation);
            if (_running) return;
            _running = true;
            _loop = Task.Run(RunAsync);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task loop;
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            loop = _loop;
        }
        await loop.ConfigureAwait(false);
        _outputs.Dispose();
        _executor.Dispose();
    }

    private async Task RunAsync()
    {
        while (Admit())
        {
            try
            {
                await StepAsync().ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                // What is wrong with the device is wrong for every reply on it; the loop lives on for those that come later.
                foreach (Generation generation in _active) generation.Fail(exception);
                _active.Clear();
                _previous.Clear();
                _current.Clear();
            }
        }
    }

    /// <summary>Lets go of cancelled replies and takes up waiting ones, first come first served; false when none is left.</summary>
    private bool Admit()
    {
        lock (_gate)
        {
            for (int i = _active.Count - 1; i >= 0; i--)
                if (_disposed || _active[i].Cancellation.IsCancellationRequested) Drop(i, new OperationCanceledException(_active[i].Cancellation));
            while (_waiting.TryPeek(out Generation? next))
            {
                if (!_disposed && !next.Cancellation.IsCancellationRequested)
                {
                    if (_active.Count == _executor.Options.Sequences) break;
                    if (!_executor.Pages.TryReserve(next.Request.Prompt.Length + next.Request.MaxTokens, out CachedSequence? sequence)) break;
                    next.Sequence = sequence;
                    _active.Add(next);
                }
                else
                {
                    next.Fail(new OperationCanceledException(next.Cancellation));
                }
                _waiting.Dequeue();
            }
            if (_active.Count > 0 || _previous.HasOutputs) return true;
            _running = false;
            return false;
        }
    }

    private async ValueTask StepAsync()
    {
        long started = Stopwatch.GetTimestamp();
        Plan(_active, _current);
        if (_current.Rows.Count > 0) Enqueue(_current);
        CommitPrevious();
        if (_current.Rows.Count == 0) return;
        try
        {
            await _executor.Queue.CompleteAsync().ConfigureAwait(false);
            Apply(_current);
        }
        catch (NonFiniteException) when (_current.Rows.Count > 1)
        {
            // Batching changes no bits, so each reply is tried alone: only those that are themselves at fault fail.
            await RunEachAloneAsync().ConfigureAwait(false);
        }
        OgongDiagnostics.StepRan(Stopwatch.GetElapsedTime(started), _executor.Rows);
        (_current, _previous) = (_previous, _current);
    }

    /// <summary>Decoding replies first, one row each; what room is left goes to prompts, in order of arrival.</summary>
    private void Plan(List<Generation> generations, Step step)
    {
        step.Clear();
        int room = _executor.Options.RowsPerStep;
        foreach (Generation generation in generations)
        {
            if (generation.Stop is not null || generation.Pending.Length != 1 || room == 0) continue;
            step.Rows.Add((generation, 1));
            room--;
        }
        foreach (Generation generation in generations)
        {
            int pending = generation.Pending.Length;
            if (generation.Stop is not null || pending == 1 || room == 0) continue;
            step.Rows.Add((generation, Math.Min(pending, room)));
            room -= Math.Min(pending, room);
        }
    }

    private void Enqueue(Step step)
    {
        // Steps that only decode are alike but for what they read, so a device can replay them.
        bool decodes = step.Rows.TrueForAll(static row => row is { Count: 1, Generation.Pending.Length: 1 });
        if (decodes) _executor.Queue.BeginStep(step.Rows.Count);
        _executor.Begin();
        foreach ((Generation generation, int count) in step.Rows)
        {
            generation.Sequence!.Length = generation.Position;
            int first = _executor.Append(generation.Sequence, generation.Pending[..count]);
            if (count < generation.Pending.Length) continue;
            _outputRows[step.Owners.Count] = first + count - 1;
            _sampling[step.Owners.Count] = generation.SamplingRow;
            step.Owners.Add(generation);
        }
        _executor.Forward();
        int outputs = step.Owners.Count;
        if (outputs > 0) _outputs.Sample(_outputRows.AsSpan(0, outputs), _sampling.AsSpan(0, outputs), step.Batch);
        _executor.Queue.EndStep();
    }

    private void Apply(Step step)
    {
        foreach ((Generation generation, int count) in step.Rows) generation.Read(count);
        for (int row = 0; row < step.Owners.Count; row++)
        {
            float logprob = step.Batch.TopK > 0 ? step.Batch.Logprobs[row] : float.NaN;
            step.Owners[row].Accept(step.Batch.Tokens[row], logprob);
        }
        OgongDiagnostics.TokensGenerated(step.Owners.Count);
    }

    private void CommitPrevious()
    {
        for (int row = 0; row < _previous.Owners.Count; row++)
        {
            Generation generation = _previous.Owners[row];
            if (generation.Completion.IsCompleted) continue;
            OutputBatch batch = _previous.Batch;
            generation.Committer?.Append(batch.Tokens[row], batch.HiddenOf(row), batch.SketchOf(row), batch.TopIdsOf(row), batch.TopLogprobsOf(row));
            if (generation.Stop is null) continue;
            _active.Remove(generation);
            generation.Complete(_executor.Backend.Device, _executor.Options.Mode);
        }
        _previous.Clear();
    }

    private async ValueTask RunEachAloneAsync()
    {
        (Generation Generation, int Count)[] rows = [.. _current.Rows];
        foreach ((Generation generation, int count) in rows)
        {
            _current.Clear();
            _current.Rows.Add((generation, count));
            try
            {
                Enqueue(_current);
                await _executor.Queue.CompleteAsync().ConfigureAwait(false);
                Apply(_current);
                (_current, _previous) = (_previous, _current);
                CommitPrevious();
            }
            catch (NonFiniteException exception)
            {
                Drop(_active.IndexOf(generation), exception);
            }
        }
        _current.Clear();
    }

    private void Drop(int index, Exception exception)
    {
        Generation generation = _active[index];
        _active.RemoveAt(index);
        generation.Fail(exception);
    }

    /// <summary>Which rows of which replies are in a step, and whose outputs its rows are.</summary>
    private sealed class Step(OutputBatch batch)
    {
        public OutputBatch Batch { get; } = batch;

        public List<(Generation Generation, int Count)> Rows { get; } = [];

        public List<Generation> Owners { get; } = [];

        public bool HasOutputs => Owners.Count > 0;

        public void Clear()
        {
            Rows.Clear();
            Owners.Clear();
        }
    }
}
