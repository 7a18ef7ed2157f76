using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Ogong.Bytes;

namespace Ogong.Models;

/// <summary>
/// What <c>model_root</c> is made of: the config and the Merkle root of each part's tensors. It authenticates itself: whoever trusts a
/// model root accepts a manifest whose <see cref="ModelRoot"/> is that. The tree's leaves are, in order, the config, the embedding, each
/// layer, the head. Immutable.
/// </summary>
public sealed class ModelManifest : ICanonical<ModelManifest>
{
    private static readonly HashTag s_configTag = new("ogong/model-config/1");

    private readonly PartTree _tree;

    private ModelManifest(ModelConfig config, PartRoots parts)
    {
        var writer = new ByteWriter();
        ModelConfigEncoding.Write(writer, config);
        _tree = new PartTree(s_configTag, writer.Written, parts.Embedding, parts.Layers, parts.Head);
        Config = config;
        Units = WorkUnits.Of(config);
    }

    /// <summary>The model's hyper-parameters.</summary>
    public ModelConfig Config { get; }

    /// <summary>Merkle root over the embedding's tensors.</summary>
    public Digest Embedding => _tree.Embedding;

    /// <summary>Merkle root over each layer's tensors.</summary>
    public ImmutableArray<Digest> Layers => _tree.Layers;

    /// <summary>Merkle root over the head's tensors.</summary>
    public Digest Head => _tree.Head;

    /// <summary>The root that names the model.</summary>
    public Digest ModelRoot => _tree.Root;

    /// <summary>Work per token of each part.</summary>
    public WorkUnits Units { get; }

    /// <summary>Hashes a model's tensors, in parallel, into its manifest.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="useCache">For a <see cref="StoredModel"/>: whether hashes of tensors in files of unchanged path, size and
    /// modification time may come from the user's cache.
    /// Leave it off where somebody else can write the files.</param>
    /// <param name="cancellationToken">Stops the hashing.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static ModelManifest Compute(IModelWeights weights, bool useCache = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ModelConfig config = weights.Config;
        IReadOnlyList<TensorSpec>[] layers = [.. Enumerable.Range(0, config.Layers).Select(layer => TensorNames.LayerTensors(config, layer))];
        return new ModelManifest(config, PartTree.Hash(weights, TensorNames.EmbeddingTensors(config), layers, TensorNames.HeadTensors(config), useCache, cancellationToken));
    }

    /// <summary>Proves that the embedding belongs to the model.</summary>
    public ModelPartProof ProveEmbedding() => _tree.ProveEmbedding();

    /// <summary>Proves that a layer belongs to the model.</summary>
    public ModelPartProof ProveLayer(int layer) => _tree.ProveLayer(layer);

    /// <summary>Proves that the head belongs to the model.</summary>
    public ModelPartProof ProveHead() => _tree.ProveHead();

    /// <inheritdoc/>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ModelConfigEncoding.Write(writer, Config);
        _tree.Write(writer);
    }

    /// <inheritdoc/>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out ModelManifest? value)
    {
        value = null;
        if (!ModelConfigEncoding.TryRead(ref reader, out ModelConfig? config) || !PartTree.TryRead(ref reader, config.Layers, out PartRoots parts)) return false;
        value = new ModelManifest(config, parts);
        return true;
    }
}
