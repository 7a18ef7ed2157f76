using System.Numerics;
using Ogong.Bytes;
using Ogong.Merkle;

namespace Ogong.Disputes;

/// <summary>The two children of a node of a Merkle tree.</summary>
/// <param name="Left">Hash of the left child.</param>
/// <param name="Right">Hash of the right child.</param>
public readonly record struct NodeOpening(Digest Left, Digest Right)
{
    /// <summary>Whether these are the children of a node.</summary>
    public bool Opens(Digest node) => MerkleTree.HashNode(Left, Right) == node;

    /// <summary>The children of the node over leaves [first, first + count) of a tree, count ≥ 2: how a party answers.</summary>
    public static NodeOpening Of(ReadOnlySpan<Digest> leafHashes, int first, int count)
    {
        int left = Bisection.LeftCount(count);
        return new NodeOpening(MerkleTree.Root(leafHashes.Slice(first, left)), MerkleTree.Root(leafHashes.Slice(first + left, count - left)));
    }
}

/// <summary>
/// Finds the first window on which two commitments of equal length differ, without either party showing more than a path. Both open the node in dispute; the left children are followed where they
/// differ, else the right ones, so that everything before the range in dispute is agreed. After ⌈log₂ n⌉ openings a single window is left. Not thread-safe.
/// </summary>
public sealed class Bisection
{
    /// <summary>Starts at the roots.</summary>
    /// <param name="windows">Windows under both roots, at least 1: part of what both sign.</param>
    /// <param name="claimed">Root the provider committed to.</param>
    /// <param name="contested">Root the challenger computed.</param>
    /// <exception cref="ArgumentException">The roots are equal: there is nothing to find.</exception>
    public Bisection(int windows, Digest claimed, Digest contested)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(windows);
        if (claimed == contested) throw new ArgumentException("The roots are equal.", nameof(contested));
        (Count, Claimed, Contested) = (windows, claimed, contested);
    }

    /// <summary>First window of the range in dispute.</summary>
    public int First { get; private set; }

    /// <summary>Windows in the range in dispute.</summary>
    public int Count { get; private set; }

    /// <summary>The provider's hash of the range.</summary>
    public Digest Claimed { get; private set; }

    /// <summary>The challenger's hash of the range.</summary>
    public Digest Contested { get; private set; }

    /// <summary>Whether one window is left: <see cref="First"/>, the first on which the commitments differ.</summary>
    public bool IsFound => Count == 1;

    /// <summary>Goes down one level.</summary>
    /// <returns>False, and nothing changed, if an opening does not hash to its party's node; <paramref name="claimedOpens"/> and <paramref name="contestedOpens"/> say whose.</returns>
    /// <exception cref="InvalidOperationException">The window is found.</exception>
    public bool TryDescend(NodeOpening claimed, NodeOpening contested, out bool claimedOpens, out bool contestedOpens)
    {
        if (IsFound) throw new InvalidOperationException("The window is found.");
        (claimedOpens, contestedOpens) = (claimed.Opens(Claimed), contested.Opens(Contested));
        if (!claimedOpens || !contestedOpens) return false;
        int left = LeftCount(Count);
        // The nodes differ and the hash is a function, so at least one pair of children differs.
        (First, Count, Claimed, Contested) = claimed.Left != contested.Left
            ? (First, left, claimed.Left, contested.Left)
            : (First + left, Count - left, claimed.Right, contested.Right);
        return true;
    }

    /// <summary>Leaves under the left child of a node over n ≥ 2 leaves: the largest power of two below n (RFC 6962).</summary>
    internal static int LeftCount(int count) => 1 << BitOperations.Log2((uint)count - 1);
}
