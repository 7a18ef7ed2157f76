using System.Collections.Concurrent;
using NUnit.Framework;
using Ogong.Compute;
using Ogong.Kernels.Reference;

namespace Ogong.Tests.Kernels;

/// <summary>
/// Digests and sampling where the order of tokens is hardest: ties over a whole row, k beside and at the vocabulary, a nucleus at its edges, and vocabularies of real size. Against the reference.
/// </summary>
[TestFixtureSource(typeof(BackendCase), nameof(BackendCase.All))]
internal sealed class TokenOrderTests(BackendCase backend)
{
    private const ulong Whole = 1UL << 32;

    private static readonly ConcurrentDictionary<string, Lazy<Task<byte[]>>> References = new();

    private IBackend _backend = null!;

    /// <summary>How a row of logits looks.</summary>
    public enum Row
    {
        /// <summary>All the same.</summary>
        Equal,

        /// <summary>−0 and +0 in turns, one order.</summary>
        Zeros,

        /// <summary>Four values.</summary>
        Few,

        /// <summary>Neighbouring floats: they differ in the last bits alone.</summary>
        Close,

        /// <summary>Ascending, so that the first of the order come last.</summary>
        Ascending,

        /// <summary>About normal.</summary>
        Normal,
    }

    [OneTimeSetUp]
    public void Create() => _backend = backend.Create();

    [OneTimeTearDown]
    public void Release() => _backend?.Dispose();

    [Test]
    public Task Digests_are_the_references([Values] Row row, [Values(1, 255, 4097, 9001)] int vocabulary) => SameAsync(async target =>
    {
        var all = new List<byte>();
        float[] logits = Logits(row, 2 * vocabulary);
        foreach (int k in new[] { 1, 64, 256, 257, 4096, 4097, vocabulary - 1, vocabulary }.Where(k => k > 0 && k <= vocabulary).Distinct())
        {
            using var step = new Step(target);
            DeviceBuffer ids = step.Output(2 * k), logprobs = step.Output(2 * k), targetLogprobs = step.Output(2);
            step.Queue.LogprobDigest(step.Upload(logits), ids, logprobs, step.Upload(0, vocabulary - 1), targetLogprobs, 2, vocabulary, k);
            all.AddRange(await step.FinishAsync((ids, 2 * k), (logprobs, 2 * k), (targetLogprobs, 2)));
        }
        return [.. all];
    });

    [Test]
    public Task Choices_and_margins_are_the_references([Values] Row row, [Values(1, 255, 4097, 9001)] int vocabulary) => SameAsync(target =>
    {
        int[] counts = [0, 1, 2, vocabulary / 2, vocabulary - 1, vocabulary];
        ulong[] shares = [0, 1, Whole / 2, Whole / 10 * 9, Whole - 1, Whole];
        SamplingRow[] rows = [.. from k in counts from p in shares select new SamplingRow(77, p, 0.7f, k, 5)];
        return SampleAsync(target, rows, Logits(row, vocabulary));
    });

    [Test]
    public Task A_vocabulary_of_real_size([Values(Row.Few, Row.Normal)] Row row) => SameAsync(async target =>
    {
        const int Vocabulary = 131_075, K = 64;
        float[] logits = Logits(row, Vocabulary);
        using var step = new Step(target);
        DeviceBuffer ids = step.Output(K), logprobs = step.Output(K);
        step.Queue.LogprobDigest(step.Upload(logits), ids, logprobs, null, null, 1, Vocabulary, K);
        byte[] digest = await step.FinishAsync((ids, K), (logprobs, K));
        SamplingRow[] rows = [new(1, Whole / 2, 1f, 0, 3), new(2, Whole / 10 * 9, 0.8f, 50_000, 3), new(3, Whole, 1f, 40, 3), new(4, Whole, 1f, 0, 3)];
        return [.. digest, .. await SampleAsync(target, rows, logits)];
    });

    /// <summary>The choice of each row, from the same logits, and the margin of a token that is early and one that is late in them.</summary>
    private static async Task<byte[]> SampleAsync(IBackend target, SamplingRow[] rows, float[] logits)
    {
        using var step = new Step(target);
        DeviceBuffer all = step.Upload([.. rows.SelectMany(_ => logits)]), parameters = step.Upload(rows), tokens = step.Output(rows.Length);
        step.Queue.Sample(all, parameters, tokens, rows.Length, logits.Length);
        DeviceBuffer early = step.Output(rows.Length), late = step.Output(rows.Length), chosen = step.Output(rows.Length);
        step.Queue.SampleMargin(all, parameters, step.Upload([.. rows.Select(_ => logits.Length / 7)]), early, rows.Length, logits.Length);
        step.Queue.SampleMargin(all, parameters, step.Upload([.. rows.Select(_ => logits.Length - 1)]), late, rows.Length, logits.Length);
        step.Queue.SampleMargin(all, parameters, tokens, chosen, rows.Length, logits.Length);
        byte[] results = await step.FinishAsync((tokens, rows.Length), (early, rows.Length), (late, rows.Length), (chosen, rows.Length));
        Assert.That(results[(12 * rows.Length)..], Is.All.Zero, "what is chosen has margin zero");
        return results;
    }

    private async Task SameAsync(Func<IBackend, Task<byte[]>> run)
    {
        byte[] expected = await References.GetOrAdd(TestContext.CurrentContext.Test.Name, _ => new(() => run(new ReferenceBackend()))).Value;
        byte[] result = await run(_backend);
        Assert.That(result.AsSpan().SequenceEqual(expected), $"word {result.AsSpan().CommonPrefixLength(expected) / 4} of {expected.Length / 4} differs");
    }

    private static float[] Logits(Row row, int count)
    {
        var inputs = new Inputs(5);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = row switch
            {
                Row.Equal => 1.5f,
                Row.Zeros => i % 2 == 0 ? -0f : 0f,
                Row.Few => inputs.Between(0, 3),
                Row.Close => BitConverter.Int32BitsToSingle(0x3FC0_0000 + inputs.Between(0, 1 << 12)),
                Row.Ascending => i * 0.001f,
                _ => 3 * inputs.Normal(),
            };
        return values;
    }
}
