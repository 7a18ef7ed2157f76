using NUnit.Framework;
using Ogong.Compute;
using Ogong.Engine;
using Ogong.Models;
using Ogong.Records;

namespace Ogong.Tests.Engine;

[TestFixture]
internal sealed class TextGeneratorTests
{
    private TestModel _model = null!;
    private int[] _prompt = null!;

    [OneTimeSetUp]
    public async Task Load()
    {
        _model = await TestModel.LoadAsync(TestBackends.CreateFastest(), "kjv", segments: 2);
        _prompt = GoldenFile.Read("kjv").Tokens[..30];
    }

    [OneTimeTearDown]
    public void Release() => _model.Dispose();

    [Test]
    public async Task StreamsTheTokensOfTheResult()
    {
        await using var generator = new TextGenerator(_model.Segments);
        Generation generation = generator.Start(Request(40));
        var streamed = new List<GeneratedToken>();
        await foreach (GeneratedToken token in generation) streamed.Add(token);

        GenerationResult result = await generation.Completion;
        Assert.That(streamed.Select(t => t.Token), Is.EqualTo(result.Tokens.ToArray()));
        Assert.That(streamed.Select(t => t.Index), Is.EqualTo(Enumerable.Range(0, 40)));
        Assert.That(streamed.Select(t => t.Stop), Is.EqualTo(Enumerable.Repeat((StopReason?)null, 39).Append(StopReason.MaxTokens)));
        Assert.That(result.Windows.Select(w => w.Leaf.Tokens.Length), Is.EqualTo(new[] { 32, 8 }));
        Assert.That(result.Device, Is.EqualTo(_model.Backend.Device));
    }

    [Test]
    public async Task SameSeedSameReplyAnotherSeedAnother()
    {
        await using var generator = new TextGenerator(_model.Segments);
        int[] first = await TokensAsync(generator, Request(48) with { Sampling = SamplingParameters.Create(7, 1f) });
        int[] again = await TokensAsync(generator, Request(48) with { Sampling = SamplingParameters.Create(7, 1f) });
        int[] other = await TokensAsync(generator, Request(48) with { Sampling = SamplingParameters.Create(8, 1f) });
        Assert.That(again, Is.EqualTo(first));
        Assert.That(other, Is.Not.EqualTo(first));
    }

    [Test]
    public async Task StopsAtAnyOfSeveralEndTokens()
    {
        await using var generator = new TextGenerator(_model.Segments);
        int[] free = await TokensAsync(generator, Request(40));
        int end = free[12];
        GenerationResult stopped = await generator.Start(Request(40) with { EndTokens = [257, end] }).Completion;
        Assert.That(stopped.Stop, Is.EqualTo(StopReason.EndToken));
        Assert.That(stopped.Tokens.ToArray(), Is.EqualTo(free[..(Array.IndexOf(free, end) + 1)]));
    }

    [Test]
    public async Task StopsAtAStopSequence()
    {
        await using var generator = new TextGenerator(_model.Segments);
        int[] free = await TokensAsync(generator, Request(40));
        GenerationResult stopped = await generator.Start(Request(40) with { StopSequences = [[0, 0], [.. free[9..13]]] }).Completion;
        Assert.That(stopped.Stop, Is.EqualTo(StopReason.StopSequence));
        Assert.That(stopped.Tokens.Span.EndsWith(free.AsSpan(9, 4)));
        Assert.That(stopped.Tokens.Length, Is.LessThanOrEqualTo(13));
    }

    [Test]
    [NonParallelizable]
    public async Task LeavingTheEnumerationCancels()
    {
        // The slow backend with a full batch, so that the reply takes seconds and cannot be over before its reader leaves.
        using TestModel slow = await TestModel.LoadAsync(TestBackends.Create("reference"), "kjv");
        await using var generator = new TextGenerator(slow.Segments, new ExecutionOptions { Sequences = 12 });
        using var end = new CancellationTokenSource();
        Generation generation = generator.Start(Request(200), end.Token);
        for (int i = 0; i < 11; i++) _ = generator.Start(Request(200), end.Token);
        await foreach (GeneratedToken _ in generation) break;
        Assert.That(async () => await generation.Completion, Throws.InstanceOf<OperationCanceledException>());
        await end.CancelAsync();
    }

    [Test]
    public async Task CancellingOneReplyLeavesTheOthers()
    {
        await using var generator = new TextGenerator(_model.Segments);
        int[] alone = await TokensAsync(generator, Request(60));
        using var cancellation = new CancellationTokenSource();
        Generation doomed = generator.Start(Request(200) with { PromptProgress = new Inline(_ => cancellation.Cancel()) }, cancellation.Token);
        Generation other = generator.Start(Request(60));
        Assert.That(async () => await doomed.Completion, Throws.InstanceOf<OperationCanceledException>());
        Assert.That((await other.Completion).Tokens.ToArray(), Is.EqualTo(alone));
    }

    [Test]
    public async Task RepliesBeyondTheCapacityWaitTheirTurn()
    {
        await using var generator = new TextGenerator(_model.Segments, new ExecutionOptions { Sequences = 2, KvPages = 1 });
        GenerationResult[] results = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => generator.Start(Request(10)).Completion));
        Assert.That(results.Select(r => r.CommitRoot).Distinct().Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task DisposingCancelsWhatRuns()
    {
        using TestModel slow = await TestModel.LoadAsync(TestBackends.Create("reference"), "kjv");
        var generator = new TextGenerator(slow.Segments);
        Generation generation = generator.Start(Request(200));
        await generator.DisposeAsync();
        Assert.That(async () => await generation.Completion, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(() => generator.Start(Request(1)), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task AReplyThatIsNotFiniteFailsAloneAndTheOthersOfItsBatchGoOn()
    {
        using var directory = ModelDirectory.Open(TestModel.PathOf("llama"));
        // Only token 7 has anything in coordinate 3, and the first layer's values multiply that by 2^127.
        var embedding = new PatchedWeights(directory, TensorNames.Embedding, (row, column, bits) => (row == 7) == (column == 3) ? bits : (ushort)0);
        var weights = new PatchedWeights(embedding, TensorNames.Value(0), (_, column, bits) => column == 3 ? (ushort)0x7F00 : bits);
        using Segment segment = await Segment.LoadAsync(_model.Backend, weights);
        await using var generator = new TextGenerator([segment]);
        int[] alone = await TokensAsync(generator, Request(20));

        Generation doomed = generator.Start(Request(20) with { Prompt = new[] { 65, 7, 66 } });
        Generation other = generator.Start(Request(20));

        Assert.That(async () => await doomed.Completion, Throws.InstanceOf<NonFiniteException>());
        Assert.That((await other.Completion).Tokens.ToArray(), Is.EqualTo(alone));
    }

    [Test]
    public async Task ReportsTheProgressOfThePrompt()
    {
        await using var generator = new TextGenerator(_model.Segments, new ExecutionOptions { RowsPerStep = 8 });
        var reports = new List<int>();
        await generator.Start(Request(2) with { PromptProgress = new Inline(reports.Add) }).Completion;
        Assert.That(reports, Is.EqualTo(new[] { 8, 16, 24, 30 }));
    }

    [Test]
    public async Task RefusesWhatCannotRun()
    {
        await using var generator = new TextGenerator(_model.Segments, new ExecutionOptions { ContextLength = 64 });
        Assert.That(() => generator.Start(Request(35)), Throws.ArgumentException);
        Assert.That(() => generator.Start(Request(0)), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => generator.Start(Request(1) with { Prompt = new[] { 258 } }), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => generator.Start(Request(1) with { Prompt = default }), Throws.ArgumentException);
        Assert.That(() => new TextGenerator(_model.Segments[..1]), Throws.ArgumentException);
    }

    [Test]
    public void AnExhaustedCacheSaysSo()
    {
        var pool = new PagePool(3);
        using CachedSequence first = pool.Reserve(257);
        Assert.That(first.Pages.Length, Is.EqualTo(2));
        KvCacheExhaustedException failure = Assert.Throws<KvCacheExhaustedException>(() => pool.Reserve(512))!;
        Assert.That((failure.Requested, failure.Free, failure.Total), Is.EqualTo((2, 1, 3)));
        first.Dispose();
        first.Dispose();
        using CachedSequence all = pool.Reserve(768);
        Assert.That(all.Pages.ToArray(), Is.EquivalentTo(new[] { 0, 1, 2 }));
    }

    private GenerationRequest Request(int maxTokens) => new() { Prompt = _prompt, MaxTokens = maxTokens, EndTokens = [] };

    private static async Task<int[]> TokensAsync(TextGenerator generator, GenerationRequest request) =>
        (await generator.Start(request).Completion).Tokens.ToArray();

    private sealed class Inline(Action<int> report) : IProgress<int>
    {
        public void Report(int value) => report(value);
    }
}
