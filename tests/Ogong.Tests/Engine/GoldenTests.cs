using NUnit.Framework;
using Ogong.Engine;

namespace Ogong.Tests.Engine;

/// <summary>Against an independent float64 implementation, on every host backend and through more than one segment.</summary>
[TestFixture]
internal sealed class GoldenTests
{
    private static IEnumerable<TestCaseData> Cases() =>
        from model in TestModel.Golden
        from backend in TestBackends.Names
        select new TestCaseData(model, backend);

    [TestCaseSource(nameof(Cases))]
    public async Task LogprobsAndLastHiddenStateAgree(string name, string backend)
    {
        GoldenFile golden = GoldenFile.Read(name);
        using TestModel model = await TestModel.LoadAsync(TestBackends.Create(backend), name);
        using var scorer = new TextScorer(model.Segments);

        ScoreResult score = await scorer.ScoreAsync(golden.Tokens, keepHiddenStates: true);

        Assert.That(score.TokenLogprobs[0], Is.Null);
        for (int i = 1; i < golden.Tokens.Length; i++)
            Assert.That((double)score.TokenLogprobs[i]!, Is.EqualTo(golden.TokenLogprobs[i]!.Value).Within(2e-4), $"token {i}");
        for (int i = 0; i < golden.Top5.Length; i++)
            AssertTop(score.TopLogprobs[i], golden.Top5[i], i);
        ReadOnlySpan<float> last = score.HiddenStates!.Value.Span[^model.Config.HiddenSize..];
        Assert.That(RelativeL2(last, golden.LastHiddenFinalPosition), Is.LessThan(1e-4));
    }

    [TestCaseSource(nameof(Cases))]
    public async Task EveryBoundaryAgrees(string name, string backend)
    {
        GoldenFile golden = GoldenFile.Read(name);
        using TestModel model = await TestModel.LoadAsync(TestBackends.Create(backend), name);
        int h = model.Config.HiddenSize;
        using var executor = new StepExecutor(model.Segments, new ExecutionOptions { RowsPerStep = golden.Tokens.Length, Sequences = 1 });
        using CachedSequence sequence = executor.Pages.Reserve(golden.Tokens.Length);
        executor.Begin();
        executor.Append(sequence, golden.Tokens);
        executor.Enter();
        for (int layer = 0; layer <= model.Config.Layers; layer++)
        {
            var states = new float[golden.Tokens.Length * h];
            executor.Queue.Read<float>(executor.Hidden, states);
            await executor.Queue.CompleteAsync();
            double rms = Math.Sqrt(states.Average(x => (double)x * x));
            Assert.That(rms, Is.EqualTo(golden.BoundaryRms[layer]).Within(1e-4).Percent, $"boundary {layer}");
            Assert.That(RelativeL2(states.AsSpan(states.Length - h, 8), golden.BoundaryLastRowFirst8[layer]), Is.LessThan(1e-4), $"boundary {layer}");
            if (layer < model.Config.Layers) executor.Run(new LayerRange(layer, layer + 1));
        }
    }

    private static void AssertTop(IReadOnlyList<TokenLogprob> top, double[][] golden, int position)
    {
        Assert.That(top, Has.Count.EqualTo(golden.Length));
        for (int k = 0; k < golden.Length; k++)
        {
            Assert.That((double)top[k].Logprob, Is.EqualTo(golden[k][1]).Within(2e-4), $"position {position}, rank {k}");
            // Ranks closer than the tolerance may swap.
            bool distinct = (k == 0 || golden[k - 1][1] - golden[k][1] > 4e-4) && (k + 1 < golden.Length && golden[k][1] - golden[k + 1][1] > 4e-4);
            if (distinct) Assert.That(top[k].Token, Is.EqualTo((int)golden[k][0]), $"position {position}, rank {k}");
        }
    }

    private static double RelativeL2(ReadOnlySpan<float> actual, double[] expected)
    {
        double difference = 0, norm = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            difference += (actual[i] - expected[i]) * (actual[i] - expected[i]);
            norm += expected[i] * expected[i];
        }
        return Math.Sqrt(difference / norm);
    }
}
