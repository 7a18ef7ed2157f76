using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Ogong.Bytes;

namespace Ogong.Models;

/// <summary>
/// What a denoiser's <c>model_root</c> is made of: the config and the Merkle root of each part's tensors, in the tree that text models have. It authenticates itself: whoever trusts a model root
/// accepts a manifest whose <see cref="ModelRoot"/> is that. Immutable.
/// </summary>
public sealed class DenoiserManifest : ICanonical<DenoiserManifest>
{
    private static readonly HashTag s_configTag = new("ogong/denoiser-config/1");

    private readonly PartTree _tree;

    private DenoiserManifest(DenoiserConfig config, PartRoots parts)
    {
        var writer = new ByteWriter();
        DenoiserConfigEncoding.Write(writer, config);
        _tree = new PartTree(s_configTag, writer.Written, parts.Embedding, parts.Layers, parts.Head);
        Config = config;
        Units = DenoiserUnits.Of(config);
    }

    /// <summary>The model's hyper-parameters.</summary>
    public DenoiserConfig Config { get; }

    /// <summary>Merkle root over the patch projection.</summary>
    public Digest Embedding => _tree.Embedding;

    /// <summary>Merkle root over each block's tensors.</summary>
    public ImmutableArray<Digest> Layers => _tree.Layers;

    /// <summary>Merkle root over the head's tensors.</summary>
    public Digest Head => _tree.Head;

    /// <summary>The root that names the model.</summary>
    public Digest ModelRoot => _tree.Root;

    /// <summary>Work of each part per step, branch and latent.</summary>
    public DenoiserUnits Units { get; }

    /// <summary>Hashes a model's tensors, in parallel, into its manifest.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="useCache">As <see cref="ModelManifest.Compute"/> has it.</param>
    /// <param name="cancellationToken">Stops the hashing.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static DenoiserManifest Compute(IDenoiserWeights weights, bool useCache = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(weights);
        DenoiserConfig config = weights.Config;
        IReadOnlyList<TensorSpec>[] layers = [.. Enumerable.Range(0, config.Layers).Select(layer => DenoiserTensors.LayerTensors(config, layer))];
        return new DenoiserManifest(
            config, PartTree.Hash(weights, DenoiserTensors.EmbeddingTensors(config), layers, DenoiserTensors.HeadTensors(config), useCache, cancellationToken));
    }

    /// <summary>Proves that the patch projection belongs to the model.</summary>
    public ModelPartProof ProveEmbedding() => _tree.ProveEmbedding();

    /// <summary>Proves that a block belongs to the model.</summary>
    public ModelPartProof ProveLayer(int layer) => _tree.ProveLayer(layer);

    /// <summary>Proves that the head belongs to the model.</summary>
    public ModelPartProof ProveHead() => _tree.ProveHead();

    /// <inheritdoc/>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        DenoiserConfigEncoding.Write(writer, Config);
        _tree.Write(writer);
    }

    /// <inheritdoc/>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out DenoiserManifest? value)
    {
        value = null;
        if (!DenoiserConfigEncoding.TryRead(ref reader, out DenoiserConfig? config) || !PartTree.TryRead(ref reader, config.Layers, out PartRoots parts)) return false;
        value = new DenoiserManifest(config, parts);
        return true;
    }
}
