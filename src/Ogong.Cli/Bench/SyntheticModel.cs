using System.Runtime.InteropServices;
using Ogong.Compute;
using Ogong.Models;

namespace Ogong.Cli.Bench;

/// <summary>A Llama model of a given shape with made-up weights: all that a rate depends on. Norms are bf16 whatever the matrices are.</summary>
internal sealed class SyntheticModel : IModelWeights
{
    private readonly Dictionary<string, TensorSpec> _tensors;
    private readonly ElementType _type;

    public SyntheticModel(ModelConfig config, ElementType type = ElementType.BF16)
    {
        _type = type;
        Config = config;
        IEnumerable<TensorSpec> specs = TensorNames.EmbeddingTensors(config)
            .Concat(Enumerable.Range(0, config.Layers).SelectMany(layer => TensorNames.LayerTensors(config, layer)))
            .Concat(TensorNames.HeadTensors(config));
        _tensors = specs.DistinctBy(spec => spec.Name).ToDictionary(spec => spec.Name);
    }

    public ModelConfig Config { get; }

    /// <summary>Elements of all tensors.</summary>
    public long Parameters => _tensors.Values.Sum(spec => (long)spec.Rows * spec.Columns);

    /// <summary>A Llama shape with tied embeddings, heads of 64 and four query heads to a key/value head.</summary>
    public static ModelConfig Shape(int layers, int hidden, int intermediate, int vocabulary) => new()
    {
        Architecture = ModelArchitecture.Llama,
        HiddenSize = hidden,
        Layers = layers,
        Heads = hidden / 64,
        KvHeads = hidden / 256,
        HeadDim = 64,
        IntermediateSize = intermediate,
        VocabularySize = vocabulary,
        RmsNormEpsilon = 1e-5f,
        RopeTheta = 10000,
        MaxPositions = 4096,
        TiedEmbeddings = true,
    };

    public bool Contains(string name) => _tensors.ContainsKey(name);

    public ITensorSource Tensor(string name)
    {
        TensorSpec spec = _tensors[name];
        if (!spec.IsVector) return new SyntheticTensor(name, _type, spec.Rows, spec.Columns, 1f / MathF.Sqrt(spec.Columns));
        ushort[] ones = new ushort[spec.Columns];
        Array.Fill(ones, (ushort)0x3F80); // 1 in bfloat16: norms that change nothing
        return new MemoryTensor(name, ElementType.BF16, 1, spec.Columns, MemoryMarshal.AsBytes(ones.AsSpan()).ToArray());
    }
}
