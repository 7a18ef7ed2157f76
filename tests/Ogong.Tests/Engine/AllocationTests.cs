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

    [Test]
    public async Task AStepOfATrajectoryAllocatesWhatItKeeps()
    {
        using DenoiserCase tiny = await DenoiserCase.LoadAsync(TestBackends.CreateFastest(threads: 1), new TinyDenoiser(TinyDenoiser.Image));
        using var denoiser = new Denoiser(tiny.Segments);
        DenoiserRequest few = tiny.Requests(1, steps: 20)[0] with { Stride = null }, many = tiny.Requests(1, steps: 120)[0] with { Stride = null };
        await DenoiseAsync(denoiser, many);
        double perStep = double.MaxValue;
        for (int i = 0; i < 5; i++) perStep = Math.Min(perStep, (await DenoiseAsync(denoiser, many) - await DenoiseAsync(denoiser, few)) / 100.0);
        // No latent is kept between the first and the last.
        Assert.That(perStep, Is.LessThan(16));
    }

    private static async Task<long> DenoiseAsync(Denoiser denoiser, DenoiserRequest request)
    {
        long before = GC.GetTotalAllocatedBytes(precise: true);
        await denoiser.RunAsync(request);
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    private static async Task<long> GenerateAsync(TextGenerator generator, int[] prompt, int tokens)
    {
        long before = GC.GetTotalAllocatedBytes(precise: true);
        await generator.Start(new GenerationRequest { Prompt = prompt, MaxTokens = tokens, EndTokens = [] }).Completion;
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }
}
