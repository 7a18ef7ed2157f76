using Ogong.Bytes;

namespace Ogong.Merkle;

/// <summary>Builds a tree leaf by leaf, keeping one hash per set bit of the size. Not thread-safe.</summary>
public sealed class MerkleBuilder
{
    // Roots of the perfect subtrees that make up the size, largest first: stack[i] belongs to the i-th highest set bit of Count.
    private readonly List<Digest> stack = [];

    /// <summary>Leaves appended.</summary>
    public ulong Count { get; private set; }

    /// <summary>Appends a leaf by its data.</summary>
    public void Append(ReadOnlySpan<byte> data) => AppendHash(MerkleTree.HashLeaf(data));

    /// <summary>Appends a leaf by its hash.</summary>
    public void AppendHash(Digest leafHash)
    {
        // Each trailing one bit of the old size is a perfect subtree that the new leaf completes.
        for (ulong size = Count; (size & 1) == 1; size >>= 1)
        {
            leafHash = MerkleTree.HashNode(stack[^1], leafHash);
            stack.RemoveAt(stack.Count - 1);
        }
        stack.Add(leafHash);
        Count++;
    }

    /// <summary>Root over the leaves appended so far; more may follow.</summary>
    public Digest Root()
    {
        if (Count == 0) return MerkleTree.EmptyRoot;
        Digest root = stack[^1];
        for (int i = stack.Count - 2; i >= 0; i--) root = MerkleTree.HashNode(stack[i], root);
        return root;
    }
}
