using Ogong.Audit;
using Ogong.Bytes;
using Ogong.Compute;
using Ogong.Models;
using Ogong.Records;

namespace Ogong.Engine;

/// <summary>
/// Re-executes replies, or single segments of them, for an auditor: the positions are known, so a reply costs one pass over a prompt of its length instead of a pass over the weights
/// per token. Works through the reply in chunks, and keeps only commitments unless the output is asked for.
/// </summary>
/// <remarks>Thread-safe: calls take turns. Owns its caches and buffers, not the segments, which must outlive it.</remarks>
public sealed class Reexecutor : IReexecutor, IDisposable
{
    private readonly IReadOnlyList<Segment> _segments;
    private readonly ModelConfig _config;
    private readonly int _rowsPerStep;
    private readonly Dictionary<(NumericMode, ElementType), StepExecutor> _executors = [];
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Prepares to audit with <paramref name="segments"/>, which must follow each other, on one backend; tasks outside their layers are refused.</summary>
    /// <param name="segments">The whole model, or the layers to be audited.</param>
    /// <param name="modelRoot">Root of the model, as the auditor computed it from its own weights.</param>
    /// <param name="contextLength">Most positions of a reply; null means the model's own limit, or 4096 if that is less.</param>
    /// <param name="rowsPerStep">Positions processed at once.</param>
    public Reexecutor(IReadOnlyList<Segment> segments, Digest modelRoot, int? contextLength = null, int rowsPerStep = 256)
    {
        ArgumentNullException.ThrowIfNull(segments);
        ArgumentOutOfRangeException.ThrowIfZero(segments.Count, nameof(segments));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rowsPerStep);
        (_segments, _config, ModelRoot, _rowsPerStep) = ([.. segments], segments[0].Config, modelRoot, rowsPerStep);
        MaxPositions = Math.Min(contextLength ?? Math.Min(_config.MaxPositions, 4096), _config.MaxPositions);
    }

    /// <inheritdoc/>
    public Digest ModelRoot { get; }

    /// <inheritdoc/>
    public int Layers => _config.Layers;

    /// <inheritdoc/>
    public int Width => _config.HiddenSize;

    /// <inheritdoc/>
    public int VocabularySize => _config.VocabularySize;

    /// <inheritdoc/>
    public int MaxPositions { get; }

    /// <inheritdoc/>
    public ulong WorkUnits(int firstLayer, int endLayer, int promptLength, int tokenCount) =>
        ReplyWork.UnitsOf(_config, new LayerRange(firstLayer, endLayer), promptLength, tokenCount);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task needs layers that are not held, or its parts do not fit each other or the model.</exception>
    public async ValueTask<SegmentReplay> ReplayAsync(ReplayTask task, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(task);
        Check(task);
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            using var replay = new ReplayRun(ExecutorFor(task.Profile), task);
            using System.Diagnostics.Activity? activity = OgongDiagnostics.Activities.StartActivity("ogong.audit");
            return await replay.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _turn.Wait();
        foreach (StepExecutor executor in _executors.Values) executor.Dispose();
        _turn.Dispose();
    }

    private void Check(ReplayTask task)
    {
        if (task.FirstLayer < _segments[0].Layers.First || task.EndLayer > _segments[^1].Layers.End || task.FirstLayer >= task.EndLayer)
            throw new ArgumentException($"Layers [{task.FirstLayer}, {task.EndLayer}) are not held.", nameof(task));
        if (task.Prompt.IsEmpty || task.Tokens.IsEmpty || task.Rows > MaxPositions)
            throw new ArgumentException($"The task has {task.Rows} positions, at most {MaxPositions} are possible.", nameof(task));
        if (task.FirstLayer > 0 && task.InputStates.Length != (long)task.Rows * Width)
            throw new ArgumentException("The input has another number of states than the reply has positions.", nameof(task));
        if (task.Work is { } work && (work.Layer < task.FirstLayer || work.Layer >= task.EndLayer))
            throw new ArgumentException($"Layer {work.Layer} is not one of the task's.", nameof(task));
    }

    private StepExecutor ExecutorFor(ProfileParameters profile)
    {
        var options = new ExecutionOptions { Profile = profile, ContextLength = MaxPositions, RowsPerStep = _rowsPerStep, Sequences = 1 };
        if (_executors.TryGetValue((options.Mode, options.KvType), out StepExecutor? executor)) return executor;
        executor = new StepExecutor(_segments, options);
        _executors.Add((options.Mode, options.KvType), executor);
        return executor;
    }
}
