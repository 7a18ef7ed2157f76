using System.Numerics;
using System.Security.Cryptography;
using Ogong.Bytes;

namespace Ogong.Merkle;

/// <summary>
/// Merkle trees of the shape of RFC 6962 section 2.1: a leaf is <c>SHA-256(0x00 ‖ data)</c>, a node <c>SHA-256(0x01 ‖ left ‖ right)</c>, and a tree of n &gt; 1
/// leaves splits at the largest power of two below n, so no node is ever duplicated to pad a level. The prefixes keep a node from passing as a leaf.
/// </summary>
public static class MerkleTree
{
    /// <summary>Root of the tree without leaves: SHA-256 of nothing.</summary>
    public static Digest EmptyRoot { get; } = new(SHA256.HashData([]));

    /// <summary>Hash of a leaf.</summary>
    public static Digest HashLeaf(ReadOnlySpan<byte> data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([0x00]);
        hash.AppendData(data);
        Span<byte> result = stackalloc byte[Digest.Size];
        hash.GetHashAndReset(result);
        return new Digest(result);
    }

    /// <summary>Hash of an inner node.</summary>
    public static Digest HashNode(Digest left, Digest right)
    {
        Span<byte> block = stackalloc byte[1 + (2 * Digest.Size)];
        block[0] = 0x01;
        left.Span.CopyTo(block[1..]);
        right.Span.CopyTo(block[(1 + Digest.Size)..]);
        Span<byte> result = stackalloc byte[Digest.Size];
        SHA256.HashData(block, result);
        return new Digest(result);
    }

    /// <summary>Root over leaf hashes in order.</summary>
    public static Digest Root(ReadOnlySpan<Digest> leafHashes)
    {
        var builder = new MerkleBuilder();
        foreach (Digest leaf in leafHashes) builder.AppendHash(leaf);
        return builder.Root();
    }

    /// <summary>Proof that the leaf at <paramref name="index"/> is in the tree over <paramref name="leafHashes"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such leaf.</exception>
    public static MerkleProof Prove(ReadOnlySpan<Digest> leafHashes, int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, leafHashes.Length);
        var path = new List<Digest>();
        ReadOnlySpan<Digest> rest = leafHashes;
        int at = index;
        while (rest.Length > 1)
        {
            int split = Split(rest.Length);
            if (at < split)
            {
                path.Add(Root(rest[split..]));
                rest = rest[..split];
            }
            else
            {
                path.Add(Root(rest[..split]));
                rest = rest[split..];
                at -= split;
            }
        }
        path.Reverse(); // From the leaf upward, as a verifier uses it.
        return new MerkleProof([.. path]);
    }

    /// <summary>Largest power of two below <paramref name="size"/> &gt; 1.</summary>
    private static int Split(int size) => 1 << BitOperations.Log2((uint)(size - 1));
}
