using NUnit.Framework;
using Ogong.Audit;
using Ogong.Engine;
using Ogong.Models;
using Ogong.Records;

namespace Ogong.Tests.Engine;

/// <summary>Filters in the tolerance tier: which tokens are kept at the cut is a matter of last bits, and honest replies pass whichever way they fall.</summary>
[TestFixture]
internal sealed class ToleranceSamplingTests
{
    [Test]
    public async Task Honest_replies_of_another_device_are_accepted_with_top_k_and_top_p()
    {
        // Half a last place of bfloat16 in every weight. Under the ordered rule alone, seed 2 has a token at 2.6 from the best of those that the verifier keeps.
        using var model = ModelDirectory.Open(TestModel.PathOf("kjv"));
        await using TestCohort cohort = await TestCohort.CreateAsync([.. Enumerable.Range(0, 3).Select(k => (k, (IModelWeights)DriftedWeights.Of(model, 2e-3f)))]);
        int tokens = 0;
        for (ulong seed = 0; seed < 24; seed++)
        {
            SamplingParameters sampling = SamplingParameters.Create(seed, 1, topK: seed % 3 == 0 ? 0 : 20, topP: seed % 3 == 1 ? 1 : 0.9);
            Reply reply = await cohort.ReplyAsync(cohort.OrderFor(maxTokens: 64, profile: ProfileParameters.Fast(), sampling: sampling));
            Verdict verdict = await cohort.AuditAsync(reply);
            Assert.That(verdict.Outcome, Is.EqualTo(AuditOutcome.Accept), $"seed {seed}: {verdict.Explanation} {verdict.DecidedBy}");
            tokens += reply.Tokens.Length;
        }
        Assert.That(tokens, Is.GreaterThan(1000));
    }

    [TestCase(20, 0.9)]
    [TestCase(20, 1.0)]
    [TestCase(0, 0.9)]
    public async Task Sampling_without_the_ordered_filters_is_caught(int topK, double topP)
    {
        await using TestCohort cohort = await TestCohort.CreateAsync();
        Reply free = await cohort.ReplyAsync(cohort.OrderFor(maxTokens: 64, profile: ProfileParameters.Fast(), sampling: SamplingParameters.Create(5, 2)));
        ReplayTask Task(SamplingParameters sampling) => new()
        {
            FirstLayer = 0, EndLayer = cohort.Model.Config.Layers, Prompt = free.Prompt, Tokens = free.Tokens, Profile = ProfileParameters.Fast(), Sketch = ProfileParameters.Fast().Sketch, Sampling = sampling,
        };
        float worst = (await cohort.Verifier.ReplayAsync(Task(SamplingParameters.Create(5, 2, topK, topP)))).Margins.Max();
        Assert.That(worst, Is.GreaterThan(0.5f));
        Assert.That((await cohort.Verifier.ReplayAsync(Task(SamplingParameters.Create(5, 2)))).Margins.Max(), Is.Zero);
    }

    [Test]
    public void The_rules_nearby()
    {
        Assert.That(SamplingParameters.Greedy.Nearby(), Is.EqualTo(new[] { SamplingParameters.Greedy }));
        Assert.That(SamplingParameters.Create(1, 1).Nearby(), Has.Count.EqualTo(1), "without filters there is no cut");
        Assert.That(Nearby(SamplingParameters.Create(1, 1, topK: 50, topP: 0.5)), Is.EqualTo(new[] { (50, 1UL << 31), (47, (1UL << 31) - (1UL << 26)), (53, (1UL << 31) + (1UL << 26)) }));
        Assert.That(Nearby(SamplingParameters.Create(1, 1, topK: 1)), Is.EqualTo(new[] { (1, 1UL << 32), (1, 1UL << 32), (2, 1UL << 32) }));
        Assert.That(Nearby(SamplingParameters.FromFixedPoint(1, 1, int.MaxValue, (1UL << 32) - 1)), Is.EqualTo(new[]
        {
            (int.MaxValue, (1UL << 32) - 1), (int.MaxValue - (int.MaxValue / 16), (1UL << 32) - 1 - (1UL << 26)), (int.MaxValue, 1UL << 32),
        }));
        Assert.That(Nearby(SamplingParameters.FromFixedPoint(1, 1, 0, 1)), Is.EqualTo(new[] { (0, 1UL), (0, 1UL), (0, (1UL << 26) + 1) }));
    }

    private static IEnumerable<(int, ulong)> Nearby(SamplingParameters sampling) => sampling.Nearby().Select(static s => (s.TopK, s.TopP));
}
