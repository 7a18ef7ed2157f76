using System.Collections.Immutable;
using System.Text;
using Ogong.Bytes;
using Ogong.Compute;
using Ogong.Merkle;

namespace Ogong.Models;

/// <summary>
/// The tree under a <c>model_root</c>, whatever kind of model: leaves are, in order, the config, the embedding, each layer, the head.
/// </summary>
internal sealed class PartTree
{
    private static readonly HashTag s_tensorTag = new("ogong/tensor/1");

    private readonly Digest[] _leaves;

    /// <summary>The tree over known part roots.</summary>
    /// <param name="configTag">Domain of the config leaf.</param>
    /// <param name="config">Canonical bytes of the config.</param>
    /// <param name="embedding">Root over what precedes the layers.</param>
    /// <param name="layers">Root over each layer.</param>
    /// <param name="head">Root over what follows them.</param>
    public PartTree(HashTag configTag, ReadOnlySpan<byte> config, Digest embedding, ImmutableArray<Digest> layers, Digest head)
    {
        (Embedding, Layers, Head) = (embedding, layers, head);
        _leaves =
        [
            MerkleTree.HashLeaf(configTag.Hash(config).Span),
            new ModelPart(ModelPartKind.Embedding, 0, layers.Length, embedding).LeafHash(),
            .. layers.Select((root, i) => new ModelPart(ModelPartKind.Layer, i, layers.Length, root).LeafHash()),
            new ModelPart(ModelPartKind.Head, 0, layers.Length, head).LeafHash(),
        ];
        Root = MerkleTree.Root(_leaves);
    }

    public Digest Embedding { get; }

    public ImmutableArray<Digest> Layers { get; }

    public Digest Head { get; }

    /// <summary>The model root.</summary>
    public Digest Root { get; }

    /// <summary>Hashes the tensors of every part, in parallel.</summary>
    public static PartRoots Hash(
        ITensorSet weights, IReadOnlyList<TensorSpec> embedding, IReadOnlyList<TensorSpec>[] layers, IReadOnlyList<TensorSpec> head, bool useCache, CancellationToken cancellationToken)
    {
        string[] names = [.. embedding.Concat(layers.SelectMany(static l => l)).Concat(head).Select(static s => s.Name).Distinct()];
        Dictionary<string, Digest> contents = TensorHasher.Hash(weights, names, useCache, cancellationToken);
        return new PartRoots(RootOf(embedding), [.. layers.Select(RootOf)], RootOf(head));

        Digest RootOf(IReadOnlyList<TensorSpec> specs) => MerkleTree.Root([.. specs.Select(spec => TensorLeaf(spec, weights.Tensor(spec.Name).Type, contents[spec.Name]))]);
    }

    public ModelPartProof ProveEmbedding() => Prove(new ModelPart(ModelPartKind.Embedding, 0, Layers.Length, Embedding));

    public ModelPartProof ProveLayer(int layer) => Prove(new ModelPart(ModelPartKind.Layer, layer, Layers.Length, Layers[layer]));

    public ModelPartProof ProveHead() => Prove(new ModelPart(ModelPartKind.Head, 0, Layers.Length, Head));

    /// <summary>Appends the part roots: embedding, layers, head.</summary>
    public void Write(ByteWriter writer)
    {
        writer.Digest(Embedding);
        foreach (Digest layer in Layers) writer.Digest(layer); // as many as the config says
        writer.Digest(Head);
    }

    /// <summary>Reads the part roots of a model of <paramref name="count"/> layers.</summary>
    public static bool TryRead(ref ByteReader reader, int count, out PartRoots roots)
    {
        roots = default;
        if (!reader.TryDigest(out Digest embedding, "embedding root")) return false;
        if (reader.Remaining / Digest.Size < count) return reader.Fail(DecodeError.Truncated, "layer roots");
        var layers = ImmutableArray.CreateBuilder<Digest>(count);
        for (int i = 0; i < count; i++)
        {
            if (!reader.TryDigest(out Digest layer, "layer root")) return false;
            layers.Add(layer);
        }
        if (!reader.TryDigest(out Digest head, "head root")) return false;
        roots = new PartRoots(embedding, layers.MoveToImmutable(), head);
        return true;
    }

    /// <summary>
    /// Leaf of a part's tree: <c>u8 n ‖ n bytes of name ‖ u8 type ‖ u8 rank ‖ u32 rows ‖ u32 columns ‖ content digest</c>, tagged. What has a higher rank than a matrix is bound as
    /// the matrix of its rows: how its columns fall into axes follows from the config.
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

/// <summary>Merkle roots over the tensors of each part of a model.</summary>
internal readonly record struct PartRoots(Digest Embedding, ImmutableArray<Digest> Layers, Digest Head);
