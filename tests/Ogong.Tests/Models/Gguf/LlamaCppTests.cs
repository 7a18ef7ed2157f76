using System.Security.Cryptography;
using System.Text.Json;
using NUnit.Framework;
using Ogong.Compute;
using Ogong.Engine;
using Ogong.Models;
using Ogong.Tests.Engine;

namespace Ogong.Tests.Models.Gguf;

/// <summary>Against llama.cpp: files that it wrote, and what it made of them (tests/vectors/llama.cpp/README.md).</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class LlamaCppTests
{
    private static readonly PeerFile s_peer = JsonSerializer.Deserialize<PeerFile>(File.ReadAllText(Repository.Vector("llama.cpp", "peer.json")), JsonSerializerOptions.Web)!;

    private static IEnumerable<TestCaseData> Cases() => s_peer.Files.Select(static f => new TestCaseData(f).SetArgDisplayNames(f.File));

    [TestCaseSource(nameof(Cases))]
    public void Every_element_is_what_it_dequantises(PeerModel peer)
    {
        using GgufModel model = Open(peer);
        Assert.That(Convert.ToHexStringLower(Hash(model, static t => Widen(t))), Is.EqualTo(peer.WidenedSha256));
    }

    [TestCaseSource(nameof(Cases))]
    public void Its_tokenizer_gives_the_same_tokens(PeerModel peer)
    {
        using GgufModel model = Open(peer);
        Tokenizer tokenizer = model.OpenTokenizer()!;
        foreach (PeerText text in peer.Texts)
        {
            Assert.That(tokenizer.Encode(text.Text), Is.EqualTo(text.Ids), text.Text);
            Assert.That(tokenizer.Encode(text.Text, addSpecial: false), Is.EqualTo(text.Bare), text.Text);
        }
    }

    [TestCaseSource(nameof(Cases))]
    public async Task Widened_to_binary32_the_model_scores_as_there(PeerModel peer)
    {
        using GgufModel model = Open(peer);
        ScoreResult score = await Score(SubstitutedWeights.WithMatricesAs(model, ElementType.F32), peer.Tokens);
        Assert.That(Differences(score, peer.WidenedLogprobs).Max(), Is.LessThan(2e-4));
    }

    // llama.cpp quantises the input of Q8_0 and Q4_0 in blocks of 32, we in chunks of 256; random models amplify the difference.
    [TestCaseSource(nameof(Cases))]
    public async Task On_integers_the_model_scores_and_chooses_nearly_as_there(PeerModel peer)
    {
        using GgufModel model = Open(peer);
        ScoreResult score = await Score(model, peer.Tokens);
        double[] differences = [.. Differences(score, peer.Logprobs)];
        int same = Enumerable.Range(peer.Prompt - 1, peer.Tokens.Length - peer.Prompt).Count(i => score.TopLogprobs[i][0].Token == peer.Tokens[i + 1]);
        TestContext.Out.WriteLine($"largest difference {differences.Max():F3}, RMS {Math.Sqrt(differences.Average(static d => d * d)):F3}; {same} of {peer.Tokens.Length - peer.Prompt} greedy tokens");
        Assert.That(differences.Max(), Is.LessThan(0.4));
        Assert.That(same, Is.AtLeast((peer.Tokens.Length - peer.Prompt) * 9 / 10));
    }

    [Test]
    public void Our_quantisers_give_its_bytes([Values(ElementType.Q8_0, ElementType.Q4_0)] ElementType type)
    {
        using var model = ModelDirectory.Open(Repository.Model("kjv-0.9m"));
        SubstitutedWeights quantised = SubstitutedWeights.WithMatricesAs(model, type);
        Assert.That(Convert.ToHexStringLower(Hash(quantised, static t => t.ReadRows(0, t.Rows).ToArray())), Is.EqualTo(type == ElementType.Q8_0 ? s_peer.Q8_0Sha256 : s_peer.Q4_0Sha256));
    }

    private static GgufModel Open(PeerModel peer) => GgufModel.Open(Repository.Vector("llama.cpp", peer.File));

    private static async Task<ScoreResult> Score(IModelWeights model, int[] tokens)
    {
        using IBackend device = TestBackends.Create("cpu");
        Segment[] segments = await TestModel.LoadSegmentsAsync(device, model, 1);
        try
        {
            using var scorer = new TextScorer(segments);
            return await scorer.ScoreAsync(tokens);
        }
        finally
        {
            foreach (Segment segment in segments) segment.Dispose();
        }
    }

    private static IEnumerable<double> Differences(ScoreResult score, double[] logprobs) => logprobs.Select((l, i) => Math.Abs(l - score.TokenLogprobs[i + 1]!.Value));

    /// <summary>Matrices, in the order of the tree.</summary>
    private static byte[] Hash(IModelWeights model, Func<ITensorSource, byte[]> bytes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (TensorSpec spec in TensorNames.All(model.Config).Where(static s => !s.IsVector)) hash.AppendData(bytes(model.Tensor(spec.Name)));
        return hash.GetHashAndReset();
    }

    private static byte[] Widen(ITensorSource tensor)
    {
        var values = new float[tensor.Rows * tensor.Columns];
        ElementStorage.Widen(tensor.Type, tensor.ReadRows(0, tensor.Rows), values);
        return System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values).ToArray();
    }

    internal sealed record PeerFile(PeerModel[] Files, string Q8_0Sha256, string Q4_0Sha256);

    internal sealed record PeerModel(string File, string WidenedSha256, int Prompt, int[] Tokens, double[] Logprobs, double[] WidenedLogprobs, PeerText[] Texts);

    internal sealed record PeerText(string Text, int[] Ids, int[] Bare);
}
