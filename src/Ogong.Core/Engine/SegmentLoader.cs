using Ogong.Compute;
using Ogong.Models;

namespace Ogong.Engine;

/// <summary>One load of one segment.</summary>
internal sealed class SegmentLoader(
    IBackend backend, IModelWeights model, LayerRange range, IProgress<LoadProgress>? progress, CancellationToken cancellationToken)
{
    private readonly ModelConfig _config = model.Config;

    public Segment Load() => new TensorLoader(backend, model, progress, cancellationToken).Load(Tensors(), view: null, Build);

    private Segment Build(TensorLoader tensors)
    {
        var blocks = new DecoderLayer[range.Count];
        for (int i = 0; i < blocks.Length; i++) blocks[i] = Block(tensors, range.First + i);
        bool last = range.End == _config.Layers;
        return new Segment(backend, _config, range, blocks, tensors.Owned())
        {
            Embedding = range.First == 0 ? tensors.Matrix(TensorNames.Embedding) : null,
            FinalNorm = last ? tensors.Vector(TensorNames.FinalNorm) : null,
            Head = last ? tensors.Matrix(TensorNames.Head(_config)) : null,
            ResidentBytes = tensors.ResidentBytes,
            StoredBytes = tensors.StoredByteCount,
        };
    }

    private static DecoderLayer Block(TensorLoader tensors, int layer) => new(layer)
    {
        AttentionNorm = tensors.Vector(TensorNames.InputNorm(layer)),
        Query = tensors.Matrix(TensorNames.Query(layer)),
        Key = tensors.Matrix(TensorNames.Key(layer)),
        Value = tensors.Matrix(TensorNames.Value(layer)),
        QueryBias = tensors.OptionalVector(TensorNames.QueryBias(layer)),
        KeyBias = tensors.OptionalVector(TensorNames.KeyBias(layer)),
        ValueBias = tensors.OptionalVector(TensorNames.ValueBias(layer)),
        QueryNorm = tensors.OptionalVector(TensorNames.QueryNorm(layer)),
        KeyNorm = tensors.OptionalVector(TensorNames.KeyNorm(layer)),
        Output = tensors.Matrix(TensorNames.Output(layer)),
        MlpNorm = tensors.Vector(TensorNames.PostAttentionNorm(layer)),
        Gate = tensors.Matrix(TensorNames.Gate(layer)),
        Up = tensors.Matrix(TensorNames.Up(layer)),
        Down = tensors.Matrix(TensorNames.Down(layer)),
    };

    /// <summary>What the range needs. A tied head is the embedding, which a segment that is both first and last holds once.</summary>
    private IEnumerable<TensorSpec> Tensors()
    {
        IEnumerable<TensorSpec> specs = range.First == 0 ? TensorNames.EmbeddingTensors(_config) : [];
        specs = specs.Concat(Enumerable.Range(range.First, range.Count).SelectMany(layer => TensorNames.LayerTensors(_config, layer)));
        return range.End == _config.Layers ? specs.Concat(TensorNames.HeadTensors(_config)) : specs;
    }
}
