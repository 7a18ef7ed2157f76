using NUnit.Framework;
using Ogong.Compute;
using Ogong.Engine;
using Ogong.Records;

namespace Ogong.Tests.Engine;

/// <summary>The bitwise promises of the exact profile: however the work is cut up, the hidden states are the same, and the same as they were in every earlier release.</summary>
[TestFixture]
internal sealed class InvarianceTests
{
    private static readonly Dictionary<string, string> Pinned = new()
    {
        ["llama"] = "2f74a175862bdc58e17fe74ce76b3e4f80860d01d63b42c5191e8e730b6e521f",
        ["llama3"] = "0595558cd45ce0635e711165374702bfb0e35a4420d1f0fd778c8d3218b1d0c9",
        ["mistral"] = "88b5a5ba43ce735c7414e40bbf2fe477fb44efcc26f52b1617d03e88ff7a92b9",
        ["qwen2"] = "a078be82890e6b4af79f4aa79e0ee046412b3fd99e932a694eb8b4ea0c805432",
        ["qwen3"] = "2a3612396cd3ea113fa08e65ce541c3c09cb111bfe4361609457aa2803069e55",
        ["kjv"] = "f6cc0cbf18c66109b089f23c523dc734d6e24be5d86da7af00a05297ee2d46a3",
    };

    private static IEnumerable<TestCaseData> Cases() =>
        from model in TestModel.Golden
        from backend in TestBackends.Exact
        select new TestCaseData(model, backend);

    [TestCaseSource(nameof(Cases))]
    public async Task HiddenStatesArePinned(string name, string backend)
    {
        using TestModel model = await TestModel.LoadAsync(TestBackends.Create(backend), name);
        Assert.That(await HashAsync(model, name, 256), Is.EqualTo(Pinned[name]));
    }

    [TestCase("mistral", 1)]
    [TestCase("mistral", 7)]
    [TestCase("qwen3", 1)]
    [TestCase("llama", 33)]
    [TestCase("qwen3", 1, "cuda")]
    [TestCase("qwen3", 7, "cuda")]
    [TestCase("qwen3", 1, "opencl")]
    [TestCase("llama", 7, "opencl")]
    public async Task AnyChunkingOfThePromptGivesTheSameBits(string name, int chunk, string backend = "cpu")
    {
        using TestModel model = await TestModel.LoadAsync(TestBackends.Create(backend), name);
        Assert.That(await HashAsync(model, name, chunk), Is.EqualTo(Pinned[name]));
    }

    [TestCase("llama3", 2)]
    [TestCase("llama", 4)]
    [TestCase("kjv", 3)]
    [TestCase("qwen3", 3, "cuda")]
    [TestCase("qwen3", 3, "opencl")]
    public async Task AnySplitGivesTheSameBits(string name, int segments, string backend = "cpu")
    {
        using TestModel model = await TestModel.LoadAsync(TestBackends.Create(backend), name, segments);
        Assert.That(await HashAsync(model, name, 100), Is.EqualTo(Pinned[name]));
    }

    [TestCase("qwen2", 1)]
    [TestCase("qwen2", 3)]
    public async Task AnyNumberOfThreadsGivesTheSameBits(string name, int threads)
    {
        using TestModel model = await TestModel.LoadAsync(TestBackends.CreateFastest(threads), name);
        Assert.That(await HashAsync(model, name, 256), Is.EqualTo(Pinned[name]));
    }

    [TestCase(ElementType.BF16)]
    [TestCase(ElementType.F16)]
    public async Task RoundedCachesKeepDecodeEqualToPrefill(ElementType type)
    {
        using TestModel model = await TestModel.LoadAsync(TestBackends.CreateFastest(), "qwen3");
        ProfileParameters profile = ProfileParameters.Exact((Ogong.Commitments.StorageFormat)type);
        string whole = await HashAsync(model, "qwen3", 256, profile);
        Assert.That(await HashAsync(model, "qwen3", 1, profile), Is.EqualTo(whole));
        Assert.That(whole, Is.Not.EqualTo(Pinned["qwen3"]), "rounding must matter");
    }

    [Test]
    public async Task ABatchOfManySequencesGivesEachItsOwnBits()
    {
        using TestModel model = await TestModel.LoadAsync(TestBackends.CreateFastest(), "mistral");
        int[] tokens = GoldenFile.Read("mistral").Tokens;
        GenerationRequest[] requests = [.. Enumerable.Range(0, 5).Select(i => new GenerationRequest
        {
            Prompt = tokens.AsMemory(3 * i, 5 + (29 * i)),
            MaxTokens = 24 + (7 * i),
            Sampling = i % 2 == 0 ? SamplingParameters.Greedy : SamplingParameters.Create((ulong)i, 0.9f, topK: 40, topP: 0.95),
        })];
        var alone = new List<GenerationResult>();
        foreach (GenerationRequest request in requests)
        {
            await using var generator = new TextGenerator(model.Segments, new ExecutionOptions { RowsPerStep = 11, Sequences = 1 });
            alone.Add(await generator.Start(request).Completion);
        }

        await using var together = new TextGenerator(model.Segments, new ExecutionOptions { RowsPerStep = 64, Sequences = 4 });
        GenerationResult[] batched = await Task.WhenAll(requests.Select(r => together.Start(r).Completion));

        for (int i = 0; i < requests.Length; i++)
        {
            Assert.That(batched[i].Tokens.ToArray(), Is.EqualTo(alone[i].Tokens.ToArray()), $"reply {i}");
            Assert.That(batched[i].CommitRoot, Is.EqualTo(alone[i].CommitRoot), $"reply {i}");
        }
    }

    [Test]
    public async Task GeneratingAndScoringSeeTheSameStates()
    {
        using TestModel model = await TestModel.LoadAsync(TestBackends.CreateFastest(), "kjv");
        int[] prompt = GoldenFile.Read("kjv").Tokens[..40];
        await using var generator = new TextGenerator(model.Segments);
        GenerationResult reply = await generator.Start(new GenerationRequest { Prompt = prompt, MaxTokens = 70, EndTokens = [] }).Completion;

        using var scorer = new TextScorer(model.Segments);
        ScoreResult score = await scorer.ScoreAsync((int[])[.. prompt, .. reply.Tokens.Span], keepHiddenStates: true);

        Assert.That(score.TokenLogprobs.Skip(40).Select(p => p!.Value), Is.EqualTo(reply.Logprobs.ToArray()));
        int h = model.Config.HiddenSize;
        ReadOnlySpan<float> states = score.HiddenStates!.Value.Span;
        for (int w = 0; w < reply.Windows.Count; w++)
        {
            int rows = reply.Windows[w].Leaf.Tokens.Length;
            ReadOnlySpan<float> window = states.Slice((39 + (32 * w)) * h, rows * h);
            Assert.That(Ogong.Commitments.StateHasher.HashHidden(w, window, h), Is.EqualTo(reply.Windows[w].Leaf.StateHash), $"window {w}");
        }
    }

    private static async Task<string> HashAsync(TestModel model, string name, int chunk, ProfileParameters? profile = null)
    {
        using var scorer = new TextScorer(model.Segments, new ExecutionOptions { RowsPerStep = chunk, Sequences = 1, Profile = profile ?? ProfileParameters.Exact() });
        return (await scorer.ScoreAsync(GoldenFile.Read(name).Tokens)).HiddenSha256;
    }
}
