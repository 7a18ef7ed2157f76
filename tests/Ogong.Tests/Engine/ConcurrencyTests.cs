using NUnit.Framework;
using Ogong.Engine;
using Ogong.Records;

namespace Ogong.Tests.Engine;

[TestFixture]
internal sealed class ConcurrencyTests
{
    [Test]
    public async Task ManySessionsOnOneModelDoNotDisturbEachOther()
    {
        using TestModel model = await TestModel.LoadAsync(TestBackends.CreateFastest(), "kjv");
        int[] text = GoldenFile.Read("kjv").Tokens;
        GenerationRequest[] requests = [.. Enumerable.Range(0, 24).Select(i => new GenerationRequest
        {
            Prompt = text.AsMemory(5 * i, 10 + i),
            MaxTokens = 20 + i,
            EndTokens = [],
            Sampling = SamplingParameters.Create((ulong)i, 1f),
        })];
        await using var one = new TextGenerator(model.Segments, new ExecutionOptions { Sequences = 1 });
        var alone = new List<GenerationResult>();
        foreach (GenerationRequest request in requests) alone.Add(await one.Start(request).Completion);

        // Two generators and a scorer share the weights; each generator batches its sessions, submitted from many threads.
        await using var first = new TextGenerator(model.Segments, new ExecutionOptions { Sequences = 8 });
        await using var second = new TextGenerator(model.Segments, new ExecutionOptions { Sequences = 3, RowsPerStep = 16 });
        using var scorer = new TextScorer(model.Segments);
        string expected = (await scorer.ScoreAsync(text)).HiddenSha256;
        Task<string>[] scores = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(async () => (await scorer.ScoreAsync(text)).HiddenSha256))];
        GenerationResult[] together = await Task.WhenAll(requests.Select((request, i) =>
            Task.Run(() => (i % 2 == 0 ? first : second).Start(request).Completion)));

        Assert.That(await Task.WhenAll(scores), Is.All.EqualTo(expected));
        for (int i = 0; i < requests.Length; i++)
            Assert.That((together[i].Tokens.ToArray(), together[i].CommitRoot), Is.EqualTo((alone[i].Tokens.ToArray(), alone[i].CommitRoot)), $"session {i}");
    }
}
