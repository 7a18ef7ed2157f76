using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Ogong.Bytes;

namespace Ogong.Merkle;

/// <summary>
/// Inclusion proof of one leaf: the sibling hashes from the leaf upward (RFC 9162 section 2.1.3). It does not carry the index and the size:
/// those are the verifier's own, from a record it trusts, because one path can fit several (index, size) pairs.
/// </summary>
public sealed class MerkleProof : ICanonical<MerkleProof>, IEquatable<MerkleProof>
{
    /// <summary>Most hashes a path can have: sizes are below 2⁶⁴.</summary>
    public const int MaxLength = 64;

    /// <summary>States a proof; whether it proves anything is for <see cref="Verify"/> to say.</summary>
    /// <exception cref="ArgumentException">The path is longer than <see cref="MaxLength"/>.</exception>
    public MerkleProof(ImmutableArray<Digest> path)
    {
        if (path.IsDefault || path.Length > MaxLength) throw new ArgumentException("A path has at most 64 hashes.", nameof(path));
        Path = path;
    }

    /// <summary>Sibling hashes, from the leaf upward.</summary>
    public ImmutableArray<Digest> Path { get; }

    /// <summary>
    /// Whether <paramref name="leafHash"/> is leaf <paramref name="index"/> of the tree of <paramref name="size"/> leaves whose root is <paramref name="root"/>:
    /// exactly this path, no hash more or fewer.
    /// </summary>
    public bool Verify(Digest leafHash, ulong index, ulong size, Digest root)
    {
        if (index >= size) return false;
        (ulong at, ulong last) = (index, size - 1);
        Digest hash = leafHash;
        foreach (Digest sibling in Path)
        {
            if (last == 0) return false; // Already at the root: the path is too long.
            if ((at & 1) == 1 || at == last)
            {
                hash = MerkleTree.HashNode(sibling, hash);
                // A right edge node without a sibling of its own size rises until it is a right child.
                while ((at & 1) == 0 && at != 0) (at, last) = (at >> 1, last >> 1);
            }
            else
            {
                hash = MerkleTree.HashNode(hash, sibling);
            }
            (at, last) = (at >> 1, last >> 1);
        }
        return last == 0 && hash == root;
    }

    /// <inheritdoc/>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.UInt8((byte)Path.Length);
        foreach (Digest hash in Path) writer.Digest(hash);
    }

    /// <inheritdoc/>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out MerkleProof? value)
    {
        value = null;
        if (!reader.TryUInt8(out byte count, "proof length")) return false;
        if (count > MaxLength) return reader.FailAt(DecodeError.TooLarge, reader.Offset - 1, "proof length");
        var path = ImmutableArray.CreateBuilder<Digest>(count);
        for (int i = 0; i < count; i++)
        {
            if (!reader.TryDigest(out Digest hash, "proof path")) return false;
            path.Add(hash);
        }
        value = new MerkleProof(path.MoveToImmutable());
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(MerkleProof? other) => other is not null && Path.AsSpan().SequenceEqual(other.Path.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as MerkleProof);

    /// <inheritdoc/>
    public override int GetHashCode() => Path.IsEmpty ? 0 : Path[0].GetHashCode();
}
