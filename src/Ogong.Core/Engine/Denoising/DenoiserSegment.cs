using Ogong.Compute;
using Ogong.Models;

namespace Ogong.Engine;

/// <summary>
/// The blocks [first, end) of a denoiser, resident on a backend; the segment from block 0 also holds the patch projection, the one to block L the output norm and projection.
/// </summary>
/// <remarks>Immutable and thread-safe: any number of runs may use one segment at once. Dispose it after everything that runs on it.</remarks>
public sealed class DenoiserSegment : IDisposable
{
    private readonly IReadOnlyList<IDisposable> _owned;

    private DenoiserSegment(IBackend backend, DenoiserConfig config, LayerRange layers, TensorLoader tensors)
    {
        (Backend, Config, Layers, _owned) = (backend, config, layers, tensors.Owned());
        Blocks = [.. Enumerable.Range(layers.First, layers.Count).Select(layer => new DenoiserBlock(tensors, config, layer))];
        if (IsFirst) Patches = new LinearWeights(tensors.Matrix(DenoiserTensors.PatchProjection), tensors.Vector(DenoiserTensors.PatchBias));
        if (IsLast) Head = new DenoiserHead(tensors, config);
        (ResidentBytes, StoredBytes) = (tensors.ResidentBytes, tensors.StoredByteCount);
    }

    /// <summary>Where it is resident.</summary>
    public IBackend Backend { get; }

    /// <summary>The whole model's hyper-parameters.</summary>
    public DenoiserConfig Config { get; }

    /// <summary>The blocks it holds.</summary>
    public LayerRange Layers { get; }

    /// <summary>Whether it starts from latents, that is, holds the patch projection.</summary>
    public bool IsFirst => Layers.First == 0;

    /// <summary>Whether it ends in the model's output, that is, holds the output projection.</summary>
    public bool IsLast => Layers.End == Config.Layers;

    /// <summary>Device bytes of its weights, the padding of the backend's layout included.</summary>
    public long ResidentBytes { get; }

    /// <summary>Bytes the same tensors take in storage.</summary>
    public long StoredBytes { get; }

    internal DenoiserBlock[] Blocks { get; }

    internal LinearWeights Patches { get; }

    internal DenoiserHead? Head { get; }

    /// <summary>Loads <paramref name="layers"/> of a denoiser. Touches only the segment's own tensors, and checks that every weight is finite.</summary>
    /// <param name="backend">Where to load it; must outlive the segment.</param>
    /// <param name="weights">The model. Not needed any more when the task completes.</param>
    /// <param name="layers">Which blocks; null means all.</param>
    /// <param name="progress">Called after each tensor.</param>
    /// <param name="cancellationToken">Abandons the load; what was loaded is released.</param>
    /// <exception cref="NonFiniteWeightException">A weight is an infinity or a NaN.</exception>
    /// <exception cref="InvalidDataException">A tensor is missing or does not have the shape the config implies.</exception>
    public static Task<DenoiserSegment> LoadAsync(
        IBackend backend,
        IDenoiserWeights weights,
        LayerRange? layers = null,
        IProgress<LoadProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(weights);
        DenoiserConfig config = weights.Config;
        LayerRange range = layers ?? new LayerRange(0, config.Layers);
        if (range.First < 0 || range.Count <= 0 || range.End > config.Layers)
            throw new ArgumentOutOfRangeException(nameof(layers), range, $"The model has layers [0, {config.Layers}).");
        var loader = new TensorLoader(backend, weights, progress, cancellationToken);
        return Task.Run(
            () => loader.Load(Tensors(config, range), source => OutputRows.Select(source, config), tensors => new DenoiserSegment(backend, config, range, tensors)), cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable item in _owned) item.Dispose();
    }

    private static IEnumerable<TensorSpec> Tensors(DenoiserConfig config, LayerRange range)
    {
        IEnumerable<TensorSpec> specs = range.First == 0 ? DenoiserTensors.EmbeddingTensors(config) : [];
        specs = specs.Concat(Enumerable.Range(range.First, range.Count).SelectMany(layer => DenoiserTensors.LayerTensors(config, layer)));
        return range.End == config.Layers ? specs.Concat(DenoiserTensors.HeadTensors(config)) : specs;
    }
}
