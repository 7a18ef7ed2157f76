using Ogong.Compute;
using Ogong.Models;

namespace Ogong.Engine;

/// <summary>A linear layer's resident weights.</summary>
internal readonly record struct LinearWeights(Weight Weight, DeviceBuffer? Bias)
{
    public static LinearWeights From(TensorLoader tensors, string name) => new(tensors.Matrix($"{name}.weight"), tensors.OptionalVector($"{name}.bias"));
}

/// <summary>Queries, keys, values and output of one attention.</summary>
internal readonly record struct AttentionWeights(LinearWeights Query, LinearWeights Key, LinearWeights Value, LinearWeights Output)
{
    public static AttentionWeights From(TensorLoader tensors, string name) => new(
        LinearWeights.From(tensors, $"{name}.to_q"), LinearWeights.From(tensors, $"{name}.to_k"), LinearWeights.From(tensors, $"{name}.to_v"), LinearWeights.From(tensors, $"{name}.to_out.0"));
}

/// <summary>What makes a timestep and a class into a conditioning vector.</summary>
internal readonly record struct EmbedderWeights(LinearWeights First, LinearWeights Second, Weight? Classes)
{
    public static EmbedderWeights From(TensorLoader tensors, DenoiserConfig config, int layer) => new(
        LinearWeights.From(tensors, DenoiserTensors.Of(layer, "norm1.emb.timestep_embedder.linear_1")),
        LinearWeights.From(tensors, DenoiserTensors.Of(layer, "norm1.emb.timestep_embedder.linear_2")),
        config.Classes > 0 ? tensors.Matrix(DenoiserTensors.Of(layer, "norm1.emb.class_embedder.embedding_table.weight")) : null);
}

/// <summary>Resident weights of one transformer block. Immutable.</summary>
internal sealed class DenoiserBlock(TensorLoader tensors, DenoiserConfig config, int layer)
{
    /// <summary>Names the block in errors.</summary>
    public string Scope { get; } = DenoiserTensors.Layer(layer);

    public EmbedderWeights Embedder { get; } = EmbedderWeights.From(tensors, config, layer);

    /// <summary>Conditioning to shift, scale and gate of attention, then of the feed-forward layer.</summary>
    public LinearWeights Modulation { get; } = LinearWeights.From(tensors, DenoiserTensors.Of(layer, "norm1.linear"));

    public AttentionWeights Attention { get; } = AttentionWeights.From(tensors, DenoiserTensors.Of(layer, "attn1"));

    public AttentionWeights? CrossAttention { get; } = config.HasContext ? AttentionWeights.From(tensors, DenoiserTensors.Of(layer, "attn2")) : null;

    public LinearWeights Up { get; } = LinearWeights.From(tensors, DenoiserTensors.Of(layer, "ff.net.0.proj"));

    public LinearWeights Down { get; } = LinearWeights.From(tensors, DenoiserTensors.Of(layer, "ff.net.2"));
}

/// <summary>Resident weights of what follows the last block. Immutable.</summary>
internal sealed class DenoiserHead(TensorLoader tensors, DenoiserConfig config)
{
    /// <summary>That of block 0, on which the output norm is conditioned.</summary>
    public EmbedderWeights Embedder { get; } = EmbedderWeights.From(tensors, config, 0);

    public LinearWeights Modulation { get; } = LinearWeights.From(tensors, "proj_out_1");

    public LinearWeights Projection { get; } = LinearWeights.From(tensors, "proj_out_2");
}
