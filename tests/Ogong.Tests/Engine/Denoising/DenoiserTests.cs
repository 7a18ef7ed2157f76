using NUnit.Framework;
using Ogong.Compute;
using Ogong.Diffusion;
using Ogong.Engine;
using Ogong.Models;

namespace Ogong.Tests.Engine;

/// <summary>What a denoiser keeps, refuses and survives.</summary>
[TestFixture]
internal sealed class DenoiserTests
{
    [Test]
    public async Task LatentsAreKeptAtTheStrideAndAtBothEnds()
    {
        using DenoiserCase tiny = await DenoiserCase.LoadAsync(TestBackends.CreateFastest(), new TinyDenoiser(TinyDenoiser.Image));
        using var denoiser = new Denoiser(tiny.Segments, new DenoiserOptions { Samples = 3 });
        DenoiserRequest all = tiny.Requests(1, steps: 7)[0];
        IReadOnlyList<DenoiserResult> results = await denoiser.RunAsync([all, all with { Stride = 3 }, all with { Stride = null }, all with { Stride = 7 }]);
        Assert.That(results.Select(r => string.Join(' ', r.Steps)), Is.EqualTo(new[] { "0 1 2 3 4 5 6 7", "0 3 6 7", "0 7", "0 7" }));
        foreach (DenoiserResult result in results)
            for (int i = 0; i < result.Steps.Count; i++)
                Assert.That(result.Trajectory[i].ToArray(), Is.EqualTo(results[0].Trajectory[result.Steps[i]].ToArray()));
        Assert.That(results[1].Latent.ToArray(), Is.EqualTo(results[0].Trajectory[7].ToArray()));
        float[] initial = new float[tiny.Config.Shape.Count];
        all.Schedule.FillInitialLatent(all.Seed, initial);
        Assert.That(results[0].Trajectory[0].ToArray(), Is.EqualTo(initial));
    }

    [Test]
    public async Task WhatTheModelCannotDoIsRefused()
    {
        using DenoiserCase tiny = await DenoiserCase.LoadAsync(TestBackends.CreateFastest(), new TinyDenoiser(TinyDenoiser.Image), segments: 2);
        Assert.That(Assert.Throws<ArgumentException>(() => new Denoiser(tiny.Segments[..1]))!.Message, Does.Contain("hold layers [0, 2), the model has 3"));
        Assert.Throws<ArgumentException>(() => new Denoiser([tiny.Segments[1], tiny.Segments[0]]));
        using var denoiser = new Denoiser(tiny.Segments);
        DenoiserRequest request = tiny.Requests(1)[0];
        foreach (DenoiserRequest wrong in (DenoiserRequest[])[request with { Stride = 0 }, request with { Conditioning = Conditioning.OfLabel(5) }, request with { Conditioning = Conditioning.OfVectors(1, [1]) }])
            await Assert.ThrowsAsync<ArgumentException>(() => denoiser.RunAsync(wrong));
        await Assert.ThrowsAsync<ArgumentException>(() => denoiser.ForwardAsync(new float[1], 0, Conditioning.OfLabel(0)));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => denoiser.ForwardAsync(new float[tiny.Config.Shape.Count], float.NaN, Conditioning.OfLabel(0)));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => DenoiserSegment.LoadAsync(tiny.Backend, tiny.Weights, new LayerRange(2, 4)));
        await denoiser.RunAsync(request with { Conditioning = Conditioning.OfLabel(tiny.Config.Classes) }); // the null class
    }

    [Test]
    public async Task ANonFiniteValueIsNamedAndHarmsNobodyElse()
    {
        using DenoiserCase tiny = await DenoiserCase.LoadAsync(TestBackends.CreateFastest(), new TinyDenoiser(TinyDenoiser.Image));
        using var denoiser = new Denoiser(tiny.Segments);
        float[] expected = await denoiser.ForwardAsync(new float[tiny.Config.Shape.Count], 3, Conditioning.OfLabel(0)), huge = new float[tiny.Config.Shape.Count];
        huge.AsSpan().Fill(float.MaxValue);
        NonFiniteException failure = (await Assert.ThrowsAsync<NonFiniteException>(() => denoiser.ForwardAsync(huge, 3, Conditioning.OfLabel(0))))!;
        Assert.That(failure.Message, Does.Contain("pos_embed.Linear(pos_embed.proj.weight)"));
        Assert.That(await denoiser.ForwardAsync(new float[tiny.Config.Shape.Count], 3, Conditioning.OfLabel(0)), Is.EqualTo(expected));
    }

    [Test]
    public async Task WeightsThatAreNotFiniteOrMissingAreRefusedUnlessNobodyReadsThem()
    {
        using IBackend backend = TestBackends.CreateFastest();
        var model = new TinyDenoiser(TinyDenoiser.Video); // predicts a variance
        Infinite Broken(int row) => new(model, DenoiserTensors.OutputProjection, row);
        NonFiniteWeightException failure = (await Assert.ThrowsAsync<NonFiniteWeightException>(() => DenoiserSegment.LoadAsync(backend, Broken(4))))!;
        Assert.That(failure.Message, Does.Contain(DenoiserTensors.OutputProjection).And.Contain("4"));
        // Rows 2 and 3 of every four predict the variance.
        (await DenoiserSegment.LoadAsync(backend, Broken(6))).Dispose();
        await Assert.ThrowsAsync<InvalidDataException>(() => DenoiserSegment.LoadAsync(backend, SubstitutedDenoiser.WithConfig(model, config => config with { Layers = 4 })));
    }

    /// <summary>A model with one element infinite.</summary>
    private sealed class Infinite(IDenoiserWeights inner, string name, int row) : IDenoiserWeights
    {
        public DenoiserConfig Config => inner.Config;

        public bool Contains(string tensor) => inner.Contains(tensor);

        public ITensorSource Tensor(string tensor)
        {
            ITensorSource source = inner.Tensor(tensor);
            if (tensor != name) return source;
            byte[] bytes = source.ReadRows(0, source.Rows).ToArray();
            BitConverter.TryWriteBytes(bytes.AsSpan(4 * row * source.Columns), float.PositiveInfinity);
            return new MemoryTensor(name, source.Type, source.Rows, source.Columns, bytes);
        }
    }
}
