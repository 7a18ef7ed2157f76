using NUnit.Framework;
using Ogong.Audit;
using Ogong.Bytes;
using Ogong.Commitments;
using Ogong.Diffusion;
using Ogong.Merkle;
using Ogong.Records;

namespace Ogong.Tests.Records;

/// <summary>The test vectors that docs/protocol.md prints are what the code computes.</summary>
public class DocumentVectorTests
{
    private static readonly float[] states = [1, -2, 0.5f, 3];

    public static IEnumerable<TestCaseData> Vectors()
    {
        var sketch = new SketchParameters(7, 2, StorageFormat.F16);
        var topK = TopKWindow.Create(2, [5, 9], [-0.5f, -1.25f]);
        Digest state = StateHasher.HashHidden(0, states, 2);
        var window = new TextWindow(0, [5, 6], state, default, topK.Hash(0));
        yield return Vector("empty tree", MerkleTree.EmptyRoot);
        yield return Vector("token window 0 of (1, 2, 3)", CommitmentWindow.HashTokens([1, 2, 3])[0]);
        yield return Vector("boundary window 4 of rows (1, -2), (0.5, 3)", StateHasher.HashBoundary(4, states, 2));
        yield return Vector("hidden window 0 of the same rows", state);
        yield return Vector("sketch window 0 of values (1, -2), (0.5, 3), bank 7, binary16", SketchWindow.Create(states, sketch).Hash(0));
        yield return Vector("top-k window 0 of ((5, -0.5), (9, -1.25))", topK.Hash(0));
        yield return Vector("leaf of text window 0, tokens (5, 6), exact tier", window.LeafHash());
        yield return Vector("req_hash of (1, 2, 3)", Protocol.RequestHash([1, 2, 3]));
        yield return Vector("resp_hash of (5, 6)", Protocol.ResponseHash([5, 6]));
        yield return Vector("reply_id of a zero order hash and a zero key id", Protocol.ReplyId(default, default));
        using var work = new WorkHasher(default, 3);
        work.Append(states);
        yield return Vector("work proof, zero draw, layer 3, the same rows", work.Finish());
        Digest latent = TrajectoryHash.OfLatent(new LatentShape(1, 2, 2), states);
        yield return Vector("latent of shape 1 × 2 × 2, values 1, -2, 0.5, 3", latent);
        yield return Vector("conditioning on class 5", Conditioning.OfLabel(5).Hash());
        yield return Vector("conditioning on vectors (1, -2), (0.5, 3)", Conditioning.OfVectors(2, states).Hash());
        yield return Vector("states of step 4, rows (1, -2), (0.5, 3)", TrajectoryHash.OfStates(4, states, 2));
        yield return Vector("trajectory root, zero order hash, N = 3, stride 2, that latent three times", TrajectoryHash.Root(default, new CommittedSteps(3, 2), [latent, latent, latent]));
        yield return Vector("draw below 1000000, zero beacon and subject, purpose \"vector\"", BeaconDraw.Below(default, default, "vector", 1_000_000));
    }

    [TestCaseSource(nameof(Vectors))]
    public void The_page_prints_what_the_code_computes(string name, string value)
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "protocol.md"));
        Assert.That(page, Does.Contain($"| {name} | `{value}` |"));
    }

    private static TestCaseData Vector(string name, object value) => new TestCaseData(name, value.ToString()).SetArgDisplayNames(name);
}
