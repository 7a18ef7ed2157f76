using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Ogong.Bytes;
using Ogong.Merkle;

namespace Ogong.Commitments;

/// <summary>
/// One leaf of a text reply: generated tokens [32·Index, 32·Index + count), and commitments to what produced them.
/// Its Merkle leaf data is <c>H("ogong/text-window/1", encoding)</c>.
/// </summary>
/// <param name="Index">Index of the window.</param>
/// <param name="Tokens">Generated token ids, 1 to 32.</param>
/// <param name="StateHash">Hash of the last hidden states: for generated token i the input of the LM head at absolute position P − 1 + i, P the prompt's length.</param>
/// <param name="SketchHash">Hash of their sketches; zero in the exact tier.</param>
/// <param name="TopKHash">Hash of the top-k log-probabilities at every position.</param>
public sealed record TextWindow(int Index, ImmutableArray<int> Tokens, Digest StateHash, Digest SketchHash, Digest TopKHash) : ICanonical<TextWindow>
{
    /// <summary>Most windows a reply can have: 2²⁰ tokens.</summary>
    public const int MaxWindows = (1 << 20) / CommitmentWindow.Length;

    /// <summary>Hash of this window's leaf in the tree whose root is <c>commit_root</c>.</summary>
    public Digest LeafHash() => MerkleTree.HashLeaf(CommitmentTags.TextWindow.Hash(this.Encode()).Span);

    /// <inheritdoc/>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Count(Index);
        writer.Tokens(Tokens.AsSpan());
        writer.Digest(StateHash);
        writer.Digest(SketchHash);
        writer.Digest(TopKHash);
    }

    /// <inheritdoc/>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out TextWindow? value)
    {
        value = null;
        if (!reader.TryCount(0, MaxWindows - 1, out int index, "window index")
            || !reader.TryTokens(1, CommitmentWindow.Length, out int[] tokens, "window tokens")
            || !reader.TryDigest(out Digest state, "state hash")
            || !reader.TryDigest(out Digest sketch, "sketch hash")
            || !reader.TryDigest(out Digest topK, "top-k hash"))
            return false;
        value = new TextWindow(index, ImmutableCollectionsMarshal.AsImmutableArray(tokens), state, sketch, topK);
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(TextWindow? other) =>
        other is not null && Index == other.Index && Tokens.AsSpan().SequenceEqual(other.Tokens.AsSpan())
        && StateHash == other.StateHash && SketchHash == other.SketchHash && TopKHash == other.TopKHash;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Index, StateHash, TopKHash);
}
