using System.Text.Json;
using NUnit.Framework;
using Ogong.Bytes;
using Ogong.Merkle;

namespace Ogong.Tests.Merkle;

/// <summary>Every file in <c>tests/vectors/merkle</c> is one attack, named by the file; all must be refused.</summary>
public class AttackTests
{
    private static readonly string folder = Path.Combine(Repository.Root, "tests", "vectors", "merkle");

    public static IEnumerable<string> Attacks() => Directory.GetFiles(folder, "*.json").Select(f => Path.GetFileNameWithoutExtension(f)!).Order();

    [Test]
    public void All_attacks_are_here() => Assert.That(Attacks().Count(), Is.EqualTo(13));

    [TestCaseSource(nameof(Attacks))]
    public void Attack_is_refused_and_its_control_accepted(string attack)
    {
        using JsonDocument file = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, attack + ".json")));
        JsonElement vector = file.RootElement;
        // The control is the honest proof that the attack departs from: a verifier that refuses everything would fail here.
        Assert.That(Verify(vector, vector.GetProperty("control")), Is.True, "control");
        Assert.That(Verify(vector, vector.GetProperty("attack")), Is.False, "attack");
    }

    private static bool Verify(JsonElement vector, JsonElement claim)
    {
        Digest leaf = claim.TryGetProperty("data", out JsonElement data)
            ? MerkleTree.HashLeaf(Convert.FromHexString(data.GetString()!))
            : Digest.Parse(claim.GetProperty("leafHash").GetString()!);
        var proof = new MerkleProof([.. claim.GetProperty("path").EnumerateArray().Select(h => Digest.Parse(h.GetString()!))]);
        JsonElement root = claim.TryGetProperty("root", out JsonElement own) ? own : vector.GetProperty("root");
        return proof.Verify(leaf, claim.GetProperty("index").GetUInt64(), claim.GetProperty("size").GetUInt64(), Digest.Parse(root.GetString()!));
    }
}
