using System.Runtime.InteropServices;
using Ogong.Compute;
using Ogong.Diffusion;
using Ogong.Models;

namespace Ogong.Cli.Bench;

/// <summary>A diffusion transformer of a given shape with made-up bf16 weights: all that a rate depends on.</summary>
internal sealed class SyntheticDenoiser : IDenoiserWeights
{
    private readonly Dictionary<string, TensorSpec> _tensors;

    public SyntheticDenoiser(DenoiserConfig config)
    {
        Config = config;
        IEnumerable<TensorSpec> specs = DenoiserTensors.EmbeddingTensors(config)
            .Concat(Enumerable.Range(0, config.Layers).SelectMany(layer => DenoiserTensors.LayerTensors(config, layer)))
            .Concat(DenoiserTensors.HeadTensors(config));
        _tensors = specs.DistinctBy(spec => spec.Name).ToDictionary(spec => spec.Name);
    }

    public DenoiserConfig Config { get; }

    /// <summary>Elements of all tensors.</summary>
    public long Parameters => _tensors.Values.Sum(spec => (long)spec.Rows * spec.Columns);

    /// <summary>Elements that one evaluation reads: all but the classes that are not asked for.</summary>
    public long ParametersRead => _tensors.Values.Sum(spec => spec.Name.EndsWith("embedding_table.weight", StringComparison.Ordinal) ? spec.Columns : (long)spec.Rows * spec.Columns);

    /// <summary>DiT-XL/2 for latents of 256 × 256 pixels (Peebles and Xie 2022): width 1152 in 16 heads, 256 tokens, 1000 classes, a learned variance beside the prediction.</summary>
    public static DenoiserConfig Xl2(int layers = 28) => Shape(layers, heads: 16, headDim: 72, sampleSize: 32, classes: 1000);

    /// <summary>The same kind of model at a size that shows that it runs, not how fast.</summary>
    public static DenoiserConfig Small { get; } = Shape(layers: 2, heads: 2, headDim: 16, sampleSize: 8, classes: 10);

    public bool Contains(string name) => _tensors.ContainsKey(name);

    public ITensorSource Tensor(string name)
    {
        TensorSpec spec = _tensors[name];
        if (!spec.IsVector) return new SyntheticTensor(name, ElementType.BF16, spec.Rows, spec.Columns, 1f / MathF.Sqrt(spec.Columns));
        ushort[] zeros = new ushort[spec.Columns]; // biases
        return new MemoryTensor(name, ElementType.BF16, 1, spec.Columns, MemoryMarshal.AsBytes(zeros.AsSpan()).ToArray());
    }

    private static DenoiserConfig Shape(int layers, int heads, int headDim, int sampleSize, int classes) => new()
    {
        Heads = heads,
        HeadDim = headDim,
        Layers = layers,
        Shape = new LatentShape(4, sampleSize, sampleSize),
        Patch = [2, 2],
        OutputChannels = 8,
        Classes = classes,
        NormEpsilon = 1e-5f,
    };
}
