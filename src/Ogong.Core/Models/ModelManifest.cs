using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Ogong.Bytes;
using Ogong.Compute;
using Ogong.Merkle;

namespace Ogong.Models;

/// <summary>
/// What <c>model_root</c> is made of: the config and the Merkle root of each part's tensors. It authenticates itself: whoever trusts a
/// model root accepts a manifest whose <see cref="ModelRoot"/> is that. The tree's leaves are, in order, the config, the embedding, each
/// layer, the head. Immutable.
/// </summary>
public sealed class ModelManifest : ICanonical<ModelManifest>
{
    private static readonly HashTag s_configTag = new("ogong/model-config/1");
    private static readonly HashTag s_tensorTag = new("ogong/tensor/1");

    private readonly Digest[] _leaves;

    private ModelManifest(ModelConfig config, Digest embedding, ImmutableArray<Digest> layers, Digest head)
    {
        (Config, Embedding, Layers, Head) = (config, embedding, layers, head);
        _leaves =
        [
            ConfigLeaf(config),
            new ModelPart(ModelPartKind.Embedding, 0, layers.Length, embedding).LeafHash(),
            .. layers.Select((root, i) => new ModelPart(ModelPartKind.Layer, i, layers.Length, root).LeafHash()),
            new ModelPart(ModelPartKind.Head, 0, layers.Length, head).LeafHash(),
        ];
        ModelRoot = MerkleTree.Root(_leaves);
        Units = WorkUnits.Of(config);
    }

    /// <summary>The model's hyper-parameters.</summary>
    public ModelConfig Config { get; }

    /// <summary>Merkle root over the embedding's tensors.</summary>
    public Digest Embedding { get; }

    /// <summary>Merkle root over each layer's tensors.</summary>
    public ImmutableArray<Digest> Layers { get; }

    /// <summary>Merkle root over the head's tensors.</summary>
    public Digest Head { get; }

    /// <summary>The root that names the model.</summary>
    public Digest ModelRoot { get; }

    /// <summary>Work per token of each part.</summary>
    public WorkUnits Units { get; }

    /// <summary>Hashes a model's tensors, in parallel, into its manifest.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="useCache">For a <see cref="ModelDirectory"/>: whether hashes of tensors in files of unchanged path, size and
    /// modification time may come from the user's cache.
    /// Leave it off where somebody else can write the files.</param>
    /// <param name="cancellationToken">Stops the hashing.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static ModelManifest Compute(IModelWeights weights, bool useCache = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ModelConfig config = weights.Config;
        IReadOnlyList<TensorSpec> embedding = TensorNames.EmbeddingTensors(config), head = TensorNames.HeadTensors(config);
        IReadOnlyList<TensorSpec>[] layers = [.. Enumerable.Range(0, config.Layers).Select(layer => TensorNames.LayerTensors(config, layer))];
        string[] names = [.. embedding.Concat(layers.SelectMany(static l => l)).Concat(head).Select(static s => s.Name).Distinct()];
        Dictionary<string, Digest> contents = TensorHasher.Hash(weights, names, useCache, cancellationToken);
        return new ModelManifest(config, Root(embedding), [.. layers.Select(Root)], Root(head));

        Digest Root(IReadOnlyList<TensorSpec> specs) => MerkleTree.Root([.. specs.Select(spec => TensorLeaf(spec, weights.Tensor(spec.Name).Type, contents[spec.Name]))]);
    }

    /// <summary>Proves that the embedding belongs to the model.</summary>
    public ModelPartProof ProveEmbedding() => Prove(new ModelPart(ModelPartKind.Embedding, 0, Layers.Length, Embedding));

    /// <summary>Proves that a layer belongs to the model.</summary>
    public ModelPartProof ProveLayer(int layer) => Prove(new ModelPart(ModelPartKind.Layer, layer, Layers.Length, Layers[layer]));

    /// <summary>Proves that the head belongs to the model.</summary>
    public ModelPartProof ProveHead() => Prove(new ModelPart(ModelPartKind.Head, 0, Layers.Length, Head));

    /// <inheritdoc/>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ModelConfigEncoding.Write(writer, Config);
        writer.Digest(Embedding);
        foreach (Digest layer in Layers) writer.Digest(layer); // as many as the config says
        writer.Digest(Head);
    }

    /// <inheritdoc/>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out ModelManifest? value)
    {
        value = null;
        if (!ModelConfigEncoding.TryRead(ref reader, out ModelConfig? config) || !reader.TryDigest(out Digest embedding, "embedding root"))
            return false;
        if (reader.Remaining / Digest.Size < config.Layers) return reader.Fail(DecodeError.Truncated, "layer roots");
        var layers = ImmutableArray.CreateBuilder<Digest>(config.Layers);
        for (int i = 0; i < config.Layers; i++)
        {
            if (!reader.TryDigest(out Digest layer, "layer root")) return false;
            layers.Add(layer);
        }
        if (!reader.TryDigest(out Digest head, "head root")) return false;
        value = new ModelManifest(config, embedding, layers.MoveToImmutable(), head);
        return true;
    }

    private static Digest ConfigLeaf(ModelConfig config)
    {
        var writer = new ByteWriter();
        ModelConfigEncoding.Write(writer, config);
        return MerkleTree.HashLeaf(s_configTag.Hash(writer.Written).Span);
    }

    /// <summary>
    /// Leaf of a part's tree: <c>u8 n ‖ n bytes of name ‖ u8 type ‖ u8 rank ‖ u32 rows ‖ u32 columns ‖ content digest</c>, tagged.
    /// </summary>
    internal static Digest TensorLeaf(TensorSpec spec, ElementType type, Digest content)
    {
        byte[] name = Encoding.UTF8.GetBytes(spec.Name);
        var writer = new ByteWriter();
        writer.UInt8((byte)name.Length);
        writer.Raw(name);
        writer.UInt8((byte)type);
        writer.UInt8(spec.IsVector ? (byte)1 : (byte)2);
        writer.Count(spec.Rows);
        writer.Count(spec.Columns);
        writer.Digest(content);
        return MerkleTree.HashLeaf(s_tensorTag.Hash(writer.Written).Span);
    }

    private ModelPartProof Prove(ModelPart part) => new(part, MerkleTree.Prove(_leaves, part.Index));
}
