using NUnit.Framework;
using Ogong.Engine;

namespace Ogong.Tests.Engine;

[TestFixture]
[NonParallelizable] // counts the whole process's allocations
internal sealed class AllocationTests
{
    [Test]
    public async Task ATokenAllocatesNothingInSteadyState()
    {
        using TestModel model = await TestModel.LoadAsync(TestBackends.CreateFastest(threads: 1), "kjv");
        await using var generator = new TextGenerator(model.Segments);
        int[] prompt = GoldenFile.Read("kjv").Tokens[..16];
        await GenerateAsync(generator, prompt, 200);

        // What a reply costs besides its tokens cancels. The least of a few tries is the one the runtime's own threads took no part in.
        double perToken = double.MaxValue;
        for (int i = 0; i < 5; i++)
            perToken = Math.Min(perToken, (await GenerateAsync(generator, prompt, 232) - await GenerateAsync(generator, prompt, 40)) / 192.0);

        // A finished window keeps its evidence, 8 ids and 8 log-probabilities a token, with its hashes: under 4 KB per 32 tokens. The rest is what the reply itself holds of a token.
        Assert.That(perToken, Is.LessThan((4096 / 32) + 64));
    }

    private static async Task<long> GenerateAsync(TextGenerator generator, int[] prompt, int tokens)
    {
        long before = GC.GetTotalAllocatedBytes(precise: true);
        await generator.Start(new GenerationRequest { Prompt = prompt, MaxTokens = tokens, EndTokens = [] }).Completion;
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }
}
