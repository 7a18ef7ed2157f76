using NUnit.Framework;
using Ogong.Compute;
using Ogong.Engine;
using Ogong.Kernels.Cuda;
using Ogong.Tests.Kernels.Cuda;

namespace Ogong.Tests.Engine;

/// <summary>The bitwise promises of the exact profile for denoisers: however the work is cut up and wherever it runs, the latents are the same, and the same as in every earlier release.</summary>
[TestFixture]
internal sealed class DenoiserInvarianceTests
{
    private static readonly Dictionary<string, string> Pinned = new()
    {
        ["image"] = "f85e953cad3466a84184cce3dc9c506d63280d70a61541cfb16453a587b40d51",
        ["audio"] = "8f0dc21a144621d6755e002d365a3bb8be3d3ce40fd7797e6ce2dce1a4381b1c",
        ["video"] = "e46a902c8baabf4db1792bb82c52792f88a0d92c795094180bea2c5b83b0ae6e",
        ["text"] = "a0b17378e40e1a5e553250e217e72b29d091ad5c6ac8bb66c4d688ebd23d78e6",
    };

    private static IEnumerable<TestCaseData> Cases() =>
        from theory in TinyDenoiser.All
        from backend in TestBackends.Exact
        select new TestCaseData(theory, backend);

    [TestCaseSource(nameof(Cases))]
    public async Task TrajectoriesArePinned(TinyDenoiser.TheoryConfig theory, string backend)
    {
        using DenoiserCase tiny = await DenoiserCase.LoadAsync(TestBackends.Create(backend), new TinyDenoiser(theory.Config));
        Assert.That(await HashAsync(tiny, samples: 3), Is.EqualTo(Pinned[theory.Name]));
    }

    [TestCase("image", 1)]
    [TestCase("text", 1)]
    [TestCase("text", 2)]
    [TestCase("audio", 2)]
    public async Task ABatchIsEachOfItsSamplesAlone(string name, int samples)
    {
        using DenoiserCase tiny = await LoadAsync(name, TestBackends.CreateFastest());
        Assert.That(await HashAsync(tiny, samples), Is.EqualTo(Pinned[name]));
    }

    [TestCase("image", 2)]
    [TestCase("text", 3)]
    [TestCase("text", 2, "cuda")]
    [TestCase("video", 3, "opencl")]
    public async Task AnySplitGivesTheSameBits(string name, int segments, string backend = "cpu")
    {
        using DenoiserCase tiny = await LoadAsync(name, TestBackends.Create(backend), segments);
        Assert.That(await HashAsync(tiny, samples: 3), Is.EqualTo(Pinned[name]));
    }

    [TestCase("image", 1)]
    [TestCase("video", 3)]
    public async Task AnyNumberOfThreadsGivesTheSameBits(string name, int threads)
    {
        using DenoiserCase tiny = await LoadAsync(name, TestBackends.CreateFastest(threads));
        Assert.That(await HashAsync(tiny, samples: 3), Is.EqualTo(Pinned[name]));
    }

    [Test]
    public async Task StepsOnCudaAreReplayed()
    {
        CudaBackend backend = CudaCase.Create();
        using DenoiserCase tiny = await LoadAsync("text", backend);
        using var denoiser = new Denoiser(tiny.Segments, new DenoiserOptions { Samples = 2 });
        long before = backend.StepsReplayed;
        IReadOnlyList<DenoiserResult> results = await denoiser.RunAsync(tiny.Requests(2, steps: 5));
        // The first step runs as called, the second is recorded.
        Assert.That(backend.StepsReplayed - before, Is.EqualTo(3));
        using DenoiserCase host = await LoadAsync("text", TestBackends.CreateFastest());
        using var reference = new Denoiser(host.Segments);
        IReadOnlyList<DenoiserResult> expected = await reference.RunAsync(host.Requests(2, steps: 5));
        for (int i = 0; i < 2; i++) Assert.That(results[i].Latent.ToArray(), Is.EqualTo(expected[i].Latent.ToArray()), $"sample {i}");
    }

    [TestCase("cpu", "glyphs")]
    [TestCase("cuda", "text")]
    [TestCase("opencl", "text")]
    public async Task FastModeDriftsLittle(string backend, string name)
    {
        using DenoiserCase device = await LoadAsync(name, TestBackends.Create(backend)), host = await LoadAsync(name, TestBackends.CreateFastest());
        using var fast = new Denoiser(device.Segments, new DenoiserOptions { IsExact = false });
        using var exact = new Denoiser(host.Segments);
        DenoiserRequest request = device.Requests(1)[0];
        float[] actual = (await fast.RunAsync(request)).Latent.ToArray();
        double[] expected = [.. (await exact.RunAsync(request)).Latent.ToArray().Select(v => (double)v)];
        double drift = DenoiserCase.RelativeL2(actual, expected);
        Assert.That(drift, Is.GreaterThan(0).And.LessThan(0.02), "activations rounded to bfloat16");
    }

    private static Task<DenoiserCase> LoadAsync(string name, IBackend backend, int segments = 1) => name == "glyphs"
        ? DenoiserCase.GlyphsAsync(backend, segments)
        : DenoiserCase.LoadAsync(backend, new TinyDenoiser(TinyDenoiser.All.Single(theory => theory.Name == name).Config), segments);

    /// <summary>Three guided and three unguided trajectories, all latents.</summary>
    private static async Task<string> HashAsync(DenoiserCase tiny, int samples)
    {
        using var denoiser = new Denoiser(tiny.Segments, new DenoiserOptions { Samples = samples, ContextTokens = 4 });
        IReadOnlyList<DenoiserResult> results = await denoiser.RunAsync([.. tiny.Requests(3), .. tiny.Requests(3, guidance: 1)]);
        return DenoiserCase.Sha256(results.SelectMany(result => result.Trajectory));
    }
}
