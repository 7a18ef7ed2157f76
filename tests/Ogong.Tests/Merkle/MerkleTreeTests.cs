using System.Security.Cryptography;
using NUnit.Framework;
using Ogong.Bytes;
using Ogong.Merkle;

namespace Ogong.Tests.Merkle;

public class MerkleTreeTests
{
    // The eight leaf inputs and roots of the Certificate Transparency reference tests: an independent implementation of the same shape.
    private static readonly string[] leafInputs =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    private static readonly string[] roots =
    [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    [Test]
    public void Roots_match_the_certificate_transparency_vectors()
    {
        var builder = new MerkleBuilder();
        Assert.That(builder.Root().ToString(), Is.EqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
        for (int i = 0; i < leafInputs.Length; i++)
        {
            builder.Append(Convert.FromHexString(leafInputs[i]));
            Assert.That(builder.Root().ToString(), Is.EqualTo(roots[i]), $"{i + 1} leaves");
        }
    }

    [Test]
    public void Every_size_and_index_matches_the_recursion([Range(1, 70)] int size)
    {
        Digest[] leaves = Leaves(size);
        Digest root = MerkleTree.Root(leaves);
        Assert.That(root, Is.EqualTo(NaiveTree.Root(leaves)));
        for (int i = 0; i < size; i++)
        {
            MerkleProof proof = MerkleTree.Prove(leaves, i);
            Assert.That(proof.Path, Is.EqualTo(NaiveTree.Path(i, leaves)));
            Assert.That(proof.Verify(leaves[i], (ulong)i, (ulong)size, root), Is.True);
        }
    }

    [Test]
    public void A_proof_verifies_only_its_own_statement([Range(1, 20)] int size)
    {
        Digest[] leaves = Leaves(size);
        Digest root = MerkleTree.Root(leaves);
        for (int i = 0; i < size; i++)
        {
            MerkleProof proof = MerkleTree.Prove(leaves, i);
            for (int j = 0; j < size + 3; j++)
                Assert.That(proof.Verify(leaves[i], (ulong)j, (ulong)size, root), Is.EqualTo(i == j), $"leaf {i} as {j} of {size}");
            for (int j = 0; j < size; j++)
                Assert.That(proof.Verify(leaves[j], (ulong)i, (ulong)size, root), Is.EqualTo(i == j), $"leaf {j} as {i} of {size}");
        }
    }

    [Test]
    public void Proofs_survive_their_encoding_and_no_other_length()
    {
        MerkleProof proof = MerkleTree.Prove(Leaves(13), 7);
        byte[] bytes = proof.Encode();
        Assert.That(Canonical.Decode<MerkleProof>(bytes).Value, Is.EqualTo(proof));
        for (int length = 0; length < bytes.Length; length++)
            Assert.That(Canonical.Decode<MerkleProof>(bytes.AsSpan(0, length)).Failure.Error, Is.EqualTo(DecodeError.Truncated));
        Assert.That(Canonical.Decode<MerkleProof>([.. bytes, 0]).Failure.Error, Is.EqualTo(DecodeError.TrailingBytes));
    }

    internal static Digest[] Leaves(int count) =>
        [.. Enumerable.Range(0, count).Select(i => MerkleTree.HashLeaf(SHA256.HashData(BitConverter.GetBytes(i))))];
}
