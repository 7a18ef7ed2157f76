using NUnit.Framework;
using Ogong.Audit;
using Ogong.Compute;
using Ogong.Engine;
using Ogong.Models;
using Ogong.Records;

namespace Ogong.Tests.Engine;

/// <summary>A whole model on integer weights: a product of its own, with the same bits however it runs, and not the product it was made from.</summary>
[TestFixture]
internal sealed class IntegerModelTests
{
    private static readonly ElementType[] s_types = [ElementType.I8_256, ElementType.Q8_0, ElementType.Q4_0];

    private static readonly string[] s_backends = [.. TestBackends.Exact, "opencl scalar"];

    private static readonly Dictionary<ElementType, string> s_pinned = new()
    {
        [ElementType.I8_256] = "d62105a9b0dd31abe029a83bc1634954694861539ba9ec4a49da6f2265667d7c",
        [ElementType.Q8_0] = "9e77ce42c13c27625d2be4c32a1fc055f75fdb73b681883163de350f77e961db",
        [ElementType.Q4_0] = "a64e775eda820803d2f944ea8ebb6df8b7f55562f7b20ed57a5d39bdf2f128e1",
    };

    [Test]
    public async Task Hidden_states_are_pinned_for_any_backend_and_chunking_of_the_prompt([ValueSource(nameof(s_types))] ElementType type, [ValueSource(nameof(s_backends))] string backend)
    {
        using var model = ModelDirectory.Open(TestModel.PathOf("kjv"));
        using IBackend device = TestBackends.Create(backend);
        Segment[] segments = await TestModel.LoadSegmentsAsync(device, SubstitutedWeights.WithMatricesAs(model, type), 2);
        foreach (int chunk in backend == "cpu" ? (int[])[1, 7, 256] : [256])
        {
            using var scorer = new TextScorer(segments, new ExecutionOptions { RowsPerStep = chunk, Sequences = 1, Profile = ProfileParameters.Exact() });
            Assert.That((await scorer.ScoreAsync(GoldenFile.Read("kjv").Tokens)).HiddenSha256, Is.EqualTo(s_pinned[type]), $"{chunk} rows");
        }
        foreach (Segment segment in segments) segment.Dispose();
    }

    [Test]
    public async Task A_model_converted_on_disk_has_the_bits_of_one_converted_in_memory()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"ogong-i8-{Guid.NewGuid():N}");
        using (var original = ModelDirectory.Open(TestModel.PathOf("kjv"))) ModelDirectoryWriter.Write(original, ElementType.I8_256, folder);
        using (var model = ModelDirectory.Open(folder))
        {
            using IBackend device = TestBackends.Create("cpu");
            Segment[] segments = await TestModel.LoadSegmentsAsync(device, model, 2);
            using (var scorer = new TextScorer(segments, new ExecutionOptions { Sequences = 1, Profile = ProfileParameters.Exact() }))
                Assert.That((await scorer.ScoreAsync(GoldenFile.Read("kjv").Tokens)).HiddenSha256, Is.EqualTo(s_pinned[ElementType.I8_256]));
            foreach (Segment segment in segments) segment.Dispose();
        }
        Directory.Delete(folder, recursive: true);
    }

    [Test]
    public async Task A_reply_of_a_quantised_product_is_accepted_across_backends(
        [Values(ElementType.I8_256, ElementType.Q8_0)] ElementType type, [ValueSource(typeof(TestBackends), nameof(TestBackends.Exact))] string providers)
    {
        await using TestCohort cohort = await TestCohort.CreateAsync(TestBackends.Create(providers), TestBackends.Create(providers == "cpu" ? "reference" : "cpu"), type);
        Verdict verdict = await cohort.AuditAsync(await cohort.ReplyAsync());
        Assert.That(verdict.Outcome, Is.EqualTo(AuditOutcome.Accept), verdict.Explanation);
    }

    [Test]
    public async Task A_reply_billed_as_16_bit_and_made_with_8_is_rejected_in_its_first_window([Values(ElementType.I8_256, ElementType.Q8_0)] ElementType type)
    {
        using var model = ModelDirectory.Open(TestModel.PathOf("kjv"));
        SubstitutedWeights eightBit = SubstitutedWeights.WithMatricesAs(model, type);
        Assert.That(ModelManifest.Compute(eightBit).ModelRoot, Is.Not.EqualTo(ModelManifest.Compute(model).ModelRoot));
        await using TestCohort cohort = await TestCohort.CreateAsync((0, eightBit), (1, eightBit), (2, eightBit));
        Verdict verdict = await cohort.AuditAsync(await cohort.ReplyAsync());
        Assert.That(verdict.Outcome, Is.EqualTo(AuditOutcome.Reject));
        Assert.That((verdict.DecidedBy!.Window, verdict.Offender), Is.EqualTo(((int?)0, new Offender(OffenderRole.Provider, 0, cohort.Providers[0].KeyId))), verdict.Explanation);
    }
}
