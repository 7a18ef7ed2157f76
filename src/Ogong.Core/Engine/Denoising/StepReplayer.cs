using Ogong.Bytes;
using Ogong.Diffusion;
using Ogong.Models;

namespace Ogong.Engine;

/// <summary>Runs single denoising steps, or some layers of them, again for an auditor.</summary>
/// <remarks>Thread-safe: calls take turns. Owns its buffers, not the segments, which must outlive it.</remarks>
public sealed class StepReplayer : IStepReplayer, IDisposable
{
    private readonly IReadOnlyList<DenoiserSegment> _segments;
    private readonly DenoiserConfig _config;
    private readonly int _contextTokens;
    private readonly Dictionary<bool, DenoiserExecutor> _executors = [];
    private readonly SemaphoreSlim _turn = new(1, 1);
    private Schedule? _schedule;

    /// <summary>Prepares to replay on <paramref name="segments"/>, which must follow each other, on one backend; tasks outside their layers are refused.</summary>
    /// <param name="segments">The whole model, or the layers to be audited.</param>
    /// <param name="modelRoot">Root of the model, as the auditor computed it from its own weights.</param>
    /// <param name="contextTokens">Most vectors of a conditioning, for models with cross-attention.</param>
    public StepReplayer(IReadOnlyList<DenoiserSegment> segments, Digest modelRoot, int contextTokens = 512)
    {
        ArgumentNullException.ThrowIfNull(segments);
        ArgumentOutOfRangeException.ThrowIfZero(segments.Count, nameof(segments));
        (_segments, _config, ModelRoot, _contextTokens) = ([.. segments], segments[0].Config, modelRoot, contextTokens);
    }

    /// <inheritdoc/>
    public Digest ModelRoot { get; }

    /// <inheritdoc/>
    public int Layers => _config.Layers;

    /// <inheritdoc/>
    public int Width => _config.Width;

    /// <inheritdoc/>
    public int StateCount(DiffusionOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        return checked(order.Branches * _config.Tokens * _config.Width);
    }

    /// <inheritdoc/>
    public string? Objection(DiffusionOrder order, Conditioning conditioning)
    {
        ArgumentNullException.ThrowIfNull(order);
        ArgumentNullException.ThrowIfNull(conditioning);
        if (!order.Shape.Equals(_config.Shape)) return $"The model makes latents of {_config.Shape}, not of {order.Shape}.";
        if (conditioning.Tokens > _contextTokens) return $"The conditioning has {conditioning.Tokens} vectors; there is room for {_contextTokens}.";
        return DenoiserConditioning.Objection(_config, conditioning, order.IsGuided);
    }

    /// <inheritdoc/>
    public ulong WorkUnits(int firstLayer, int endLayer, DiffusionOrder order, Conditioning conditioning) =>
        DenoiserWork.UnitsOf(_config, new LayerRange(firstLayer, endLayer), order);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task needs layers that are not held, or its parts do not fit each other or the model.</exception>
    public async ValueTask<StepReplay> ReplayAsync(StepReplayTask task, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(task);
        Check(task);
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            using System.Diagnostics.Activity? activity = OgongDiagnostics.Activities.StartActivity("ogong.audit");
            if (_schedule?.Parameters != task.Order.Schedule) _schedule = Schedule.Create(task.Order.Schedule);
            return await StepTask.RunAsync(ExecutorFor(task.Order.Profile.IsExact), task, _schedule, cancellationToken).ConfigureAwait(false);
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
        foreach (DenoiserExecutor executor in _executors.Values) executor.Dispose();
        _turn.Dispose();
    }

    private void Check(StepReplayTask task)
    {
        if (task.FirstLayer < _segments[0].Layers.First || task.EndLayer > _segments[^1].Layers.End || task.FirstLayer >= task.EndLayer)
            throw new ArgumentException($"Layers [{task.FirstLayer}, {task.EndLayer}) are not held.", nameof(task));
        if (Objection(task.Order, task.Conditioning) is { } objection) throw new ArgumentException(objection, nameof(task));
        if (task.Step < 0 || task.Step >= task.Order.Steps) throw new ArgumentException($"There is no step {task.Step} of {task.Order.Steps}.", nameof(task));
        int before = task.FirstLayer - 1;
        foreach (int layer in task.StatesAfter)
        {
            if (layer <= before || layer >= task.EndLayer) throw new ArgumentException($"Layer {layer} is not one of the task's, or not in order.", nameof(task));
            before = layer;
        }
    }

    private DenoiserExecutor ExecutorFor(bool isExact)
    {
        if (_executors.TryGetValue(isExact, out DenoiserExecutor? executor)) return executor;
        executor = new DenoiserExecutor(_segments, new DenoiserOptions { IsExact = isExact, ContextTokens = _contextTokens });
        _executors.Add(isExact, executor);
        return executor;
    }
}
