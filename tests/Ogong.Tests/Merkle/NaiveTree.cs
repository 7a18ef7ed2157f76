using Ogong.Bytes;
using Ogong.Merkle;

namespace Ogong.Tests.Merkle;

/// <summary>RFC 6962 section 2.1 written as its recursion, to check the streaming code against.</summary>
internal static class NaiveTree
{
    public static Digest Root(ReadOnlySpan<Digest> leaves)
    {
        if (leaves.Length == 0) return MerkleTree.EmptyRoot;
        if (leaves.Length == 1) return leaves[0];
        int k = Split(leaves.Length);
        return MerkleTree.HashNode(Root(leaves[..k]), Root(leaves[k..]));
    }

    public static List<Digest> Path(int m, ReadOnlySpan<Digest> leaves)
    {
        if (leaves.Length == 1) return [];
        int k = Split(leaves.Length);
        return m < k
            ? [.. Path(m, leaves[..k]), Root(leaves[k..])]
            : [.. Path(m - k, leaves[k..]), Root(leaves[..k])];
    }

    private static int Split(int n)
    {
        int k = 1;
        while (2 * k < n) k *= 2;
        return k;
    }
}
