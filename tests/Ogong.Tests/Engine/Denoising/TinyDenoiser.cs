using System.Runtime.InteropServices;
using Ogong.Compute;
using Ogong.Diffusion;
using Ogong.Models;

namespace Ogong.Tests.Engine;

/// <summary>A small random denoiser in memory.</summary>
internal sealed class TinyDenoiser : IDenoiserWeights
{
    private readonly Dictionary<string, ITensorSource> _tensors;

    public TinyDenoiser(DenoiserConfig config, int seed = 1, ElementType type = ElementType.F32)
    {
        Config = config;
        var random = new Random(seed);
        _tensors = Specs(config).ToDictionary(spec => spec.Name, spec => Random(spec, random, type));
    }

    public DenoiserConfig Config { get; }

    /// <summary>Two blocks of width 32 on 2×8×4 pictures in patches of 2×2, four classes.</summary>
    public static DenoiserConfig Image { get; } = new()
    {
        Heads = 2,
        HeadDim = 16,
        Layers = 3,
        Shape = new LatentShape(2, 8, 4),
        Patch = [2, 2],
        OutputChannels = 2,
        Classes = 4,
        NormEpsilon = 1e-5f,
    };

    /// <summary>Audio: one axis.</summary>
    public static DenoiserConfig Audio { get; } = Image with { Shape = new LatentShape(3, 24), Patch = [4], OutputChannels = 3, AttentionBias = false, HeadDim = 9 };

    /// <summary>Video: three axes and a patch that is no cube, with a variance head.</summary>
    public static DenoiserConfig Video { get; } = Image with { Shape = new LatentShape(2, 4, 6, 4), Patch = [1, 3, 2], OutputChannels = 4 };

    /// <summary>Conditioned on vectors.</summary>
    public static DenoiserConfig Text { get; } = Image with { Classes = 0, ContextWidth = 12 };

    public static TheoryConfig[] All => [new("image", Image), new("audio", Audio), new("video", Video), new("text", Text)];

    public static IEnumerable<TensorSpec> Specs(DenoiserConfig config) => DenoiserTensors.EmbeddingTensors(config)
        .Concat(Enumerable.Range(0, config.Layers).SelectMany(i => DenoiserTensors.LayerTensors(config, i)))
        .Concat(DenoiserTensors.HeadTensors(config)).DistinctBy(s => s.Name);

    /// <summary>Something to condition the model on, number <paramref name="index"/>.</summary>
    public static Conditioning Conditioning(DenoiserConfig config, int index)
    {
        if (!config.HasContext) return Ogong.Diffusion.Conditioning.OfLabel(index % config.Classes);
        var random = new Random(index);
        int count = (1 + index) * config.ContextWidth;
        return Ogong.Diffusion.Conditioning.OfVectors(config.ContextWidth, Values(random, count, 2), Values(random, count, 2));
    }

    public static float[] Values(Random random, int count, double scale = 1) => [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() - 0.5) * scale))];

    public bool Contains(string name) => _tensors.ContainsKey(name);

    public ITensorSource Tensor(string name) => _tensors[name];

    private static ITensorSource Random(TensorSpec spec, Random random, ElementType type)
    {
        // Gates and modulations of some size, so that no part of a block is lost in the residual stream.
        float[] values = Values(random, spec.Rows * spec.Columns, spec.IsVector ? 1 : 4 / Math.Sqrt(spec.Columns));
        byte[] bytes = type == ElementType.F32
            ? MemoryMarshal.AsBytes(values.AsSpan()).ToArray()
            : [.. values.SelectMany(v => BitConverter.GetBytes((Half)v))];
        return new MemoryTensor(spec.Name, type, spec.Rows, spec.Columns, bytes);
    }

    /// <summary>A config with a name for a test case.</summary>
    internal sealed record TheoryConfig(string Name, DenoiserConfig Config)
    {
        public override string ToString() => Name;
    }
}
