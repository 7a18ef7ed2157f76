using System.Diagnostics.CodeAnalysis;
using Ogong.Bytes;
using Ogong.Merkle;

namespace Ogong.Models;

/// <summary>What a leaf of the model tree stands for.</summary>
public enum ModelPartKind : byte
{
    /// <summary>The token embedding.</summary>
    Embedding = 1,

    /// <summary>One layer.</summary>
    Layer = 2,

    /// <summary>The final norm and the matrix that makes logits.</summary>
    Head = 3,
}

/// <summary>
/// One part of a model and the Merkle root over its tensors: a leaf of the model tree. The leaf binds the number of layers as well, so that
/// its index and the tree's size follow from it and a proof fits one place only.
/// </summary>
/// <param name="Kind">Which part.</param>
/// <param name="Layer">Layer, from 0, for <see cref="ModelPartKind.Layer"/>; else 0.</param>
/// <param name="Layers">Layers of the model.</param>
/// <param name="Root">Merkle root over the part's tensors.</param>
public sealed record ModelPart(ModelPartKind Kind, int Layer, int Layers, Digest Root)
{
    /// <summary>Leaves before the first layer: config and embedding.</summary>
    internal const int LeavesBeforeLayers = 2;

    private static readonly HashTag s_tag = new("ogong/model-part/1");

    /// <summary>Leaves of the tree: config, embedding, layers, head.</summary>
    internal static int TreeSize(int layers) => layers + LeavesBeforeLayers + 1;

    /// <summary>Index of the leaf.</summary>
    internal int Index => Kind switch
    {
        ModelPartKind.Embedding => 1,
        ModelPartKind.Layer => LeavesBeforeLayers + Layer,
        _ => LeavesBeforeLayers + Layers,
    };

    internal Digest LeafHash()
    {
        var writer = new ByteWriter();
        Write(writer);
        return MerkleTree.HashLeaf(s_tag.Hash(writer.Written).Span);
    }

    internal void Write(ByteWriter writer)
    {
        writer.UInt8((byte)Kind);
        writer.Count(Layer);
        writer.Count(Layers);
        writer.Digest(Root);
    }

    internal static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out ModelPart? part)
    {
        part = null;
        int start = reader.Offset;
        if (!reader.TryUInt8(out byte kind, "part kind")) return false;
        if (kind is < (byte)ModelPartKind.Embedding or > (byte)ModelPartKind.Head)
            return reader.FailAt(DecodeError.OutOfRange, start, "part kind");
        start = reader.Offset;
        if (!reader.TryCount(0, ModelLimits.Layers - 1, out int layer, "layer") || !reader.TryCount(1, ModelLimits.Layers, out int layers, "layers")
            || !reader.TryDigest(out Digest root, "part root")) return false;
        if (kind == (byte)ModelPartKind.Layer ? layer >= layers : layer != 0)
            return reader.FailAt(DecodeError.Inconsistent, start, "layer");
        part = new ModelPart((ModelPartKind)kind, layer, layers, root);
        return true;
    }
}

/// <summary>Proof that a part belongs to the model of a given root: which layer it is, and of how many.</summary>
/// <param name="part">The part.</param>
/// <param name="path">Path from the part's leaf to the model root.</param>
public sealed class ModelPartProof(ModelPart part, MerkleProof path) : ICanonical<ModelPartProof>
{
    /// <summary>The part; believed only after <see cref="Verify"/>.</summary>
    public ModelPart Part { get; } = part;

    /// <summary>Path from the part's leaf to the model root.</summary>
    public MerkleProof Path { get; } = path;

    /// <summary>Whether <see cref="Part"/> is a part of the model whose root is <paramref name="modelRoot"/>.</summary>
    public bool Verify(Digest modelRoot) => Path.Verify(Part.LeafHash(), (ulong)Part.Index, (ulong)ModelPart.TreeSize(Part.Layers), modelRoot);

    /// <inheritdoc/>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        Part.Write(writer);
        Path.Write(writer);
    }

    /// <inheritdoc/>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out ModelPartProof? value)
    {
        value = null;
        if (!ModelPart.TryRead(ref reader, out ModelPart? part) || !MerkleProof.TryRead(ref reader, out MerkleProof? path)) return false;
        value = new ModelPartProof(part, path);
        return true;
    }
}
