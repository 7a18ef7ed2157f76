using Ogong.Compute;
using Ogong.Models;

namespace Ogong.Engine;

/// <summary>
/// The layers [first, end) of a model, resident on a backend; the segment from layer 0 also holds the embedding, the one to layer L the final norm and the LM head
/// (which, when tied, is the embedding table itself and is held once).
/// </summary>
/// <remarks>Immutable and thread-safe: any number of sessions may run on one segment at once. Dispose it after everything that runs on it.</remarks>
public sealed class Segment : IDisposable
{
    private readonly IReadOnlyList<IDisposable> _owned;

    internal Segment(IBackend backend, ModelConfig config, LayerRange layers, DecoderLayer[] blocks, IReadOnlyList<IDisposable> owned)
    {
        (Backend, Config, Layers, Blocks, _owned) = (backend, config, layers, blocks, owned);
    }

    /// <summary>Where it is resident.</summary>
    public IBackend Backend { get; }

    /// <summary>The whole model's hyper-parameters.</summary>
    public ModelConfig Config { get; }

    /// <summary>The layers it holds.</summary>
    public LayerRange Layers { get; }

    /// <summary>Whether it starts from token ids, that is, holds the embedding.</summary>
    public bool IsFirst => Layers.First == 0;

    /// <summary>Whether it ends in logits, that is, holds the final norm and the LM head.</summary>
    public bool IsLast => Layers.End == Config.Layers;

    /// <summary>Device bytes of its weights, the padding of the backend's layout included.</summary>
    public long ResidentBytes { get; internal init; }

    /// <summary>Bytes the same tensors take in storage.</summary>
    public long StoredBytes { get; internal init; }

    internal DecoderLayer[] Blocks { get; }

    internal Weight? Embedding { get; init; }

    internal DeviceBuffer? FinalNorm { get; init; }

    internal Weight? Head { get; init; }

    /// <summary>Loads <paramref name="layers"/> of a model. Touches only the segment's own tensors, and checks that every weight is finite.</summary>
    /// <param name="backend">Where to load it; must outlive the segment.</param>
    /// <param name="weights">The model. Not needed any more when the task completes.</param>
    /// <param name="layers">Which layers; null means all.</param>
    /// <param name="progress">Called after each tensor.</param>
    /// <param name="cancellationToken">Abandons the load; what was loaded is released.</param>
    /// <exception cref="NonFiniteWeightException">A weight is an infinity or a NaN.</exception>
    /// <exception cref="InvalidDataException">A tensor is missing or does not have the shape the config implies.</exception>
    public static Task<Segment> LoadAsync(
        IBackend backend,
        IModelWeights weights,
        LayerRange? layers = null,
        IProgress<LoadProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(weights);
        LayerRange range = layers ?? new LayerRange(0, weights.Config.Layers);
        if (range.First < 0 || range.Count <= 0 || range.End > weights.Config.Layers)
            throw new ArgumentOutOfRangeException(nameof(layers), range, $"The model has layers [0, {weights.Config.Layers}).");
        return Task.Run(() => new SegmentLoader(backend, weights, range, progress, cancellationToken).Load(), cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable item in _owned) item.Dispose();
    }
}
