using Ogong.Numerics;

namespace Ogong.Models;

/// <summary>Names and shapes of the tensors of a diffusion transformer, as diffusers names them.</summary>
public static class DenoiserTensors
{
    /// <summary>Projection of patches, [width × channels·patch]; stored as a convolution's weight [width, channels, patch…].</summary>
    public const string PatchProjection = "pos_embed.proj.weight";

    /// <summary>Its bias, [width].</summary>
    public const string PatchBias = "pos_embed.proj.bias";

    /// <summary>Shift and scale of the output norm from the conditioning, [2·width × width].</summary>
    public const string OutputModulation = "proj_out_1.weight";

    /// <summary>Its bias, [2·width].</summary>
    public const string OutputModulationBias = "proj_out_1.bias";

    /// <summary>Projection to patches, [patch·output channels × width], the channel fastest.</summary>
    public const string OutputProjection = "proj_out_2.weight";

    /// <summary>Its bias, [patch·output channels].</summary>
    public const string OutputBias = "proj_out_2.bias";

    /// <summary>Scope of a block: <c>transformer_blocks.3</c>.</summary>
    public static string Layer(int layer) => $"transformer_blocks.{layer}";

    /// <summary>Name of a tensor of a block, e.g. <c>attn1.to_q.weight</c>.</summary>
    public static string Of(int layer, string tensor) => $"transformer_blocks.{layer}.{tensor}";

    /// <summary>What the first segment needs besides its layers.</summary>
    public static IReadOnlyList<TensorSpec> EmbeddingTensors(DenoiserConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return [Matrix(PatchProjection, config.Width, config.PatchValues), Vector(PatchBias, config.Width)];
    }

    /// <summary>
    /// What the last segment needs besides its layers: the embedder of block 0, because the output norm is conditioned on it, and the output projections.
    /// </summary>
    public static IReadOnlyList<TensorSpec> HeadTensors(DenoiserConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        int width = config.Width, values = config.PatchArea * config.OutputChannels;
        return
        [
            .. EmbedderTensors(config, 0),
            Matrix(OutputModulation, 2 * width, width), Vector(OutputModulationBias, 2 * width),
            Matrix(OutputProjection, values, width), Vector(OutputBias, values),
        ];
    }

    /// <summary>What one block needs, in the order it computes.</summary>
    public static IReadOnlyList<TensorSpec> LayerTensors(DenoiserConfig config, int layer)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(layer, config.Layers);
        int width = config.Width;
        List<TensorSpec> specs = [.. EmbedderTensors(config, layer)];
        AddLinear(specs, Of(layer, "norm1.linear"), 6 * width, width);
        AddAttention(specs, config, Of(layer, "attn1"), width);
        if (config.HasContext) AddAttention(specs, config, Of(layer, "attn2"), config.ContextWidth);
        AddLinear(specs, Of(layer, "ff.net.0.proj"), config.FeedForward, width);
        AddLinear(specs, Of(layer, "ff.net.2"), width, config.FeedForward);
        return specs;
    }

    private static List<TensorSpec> EmbedderTensors(DenoiserConfig config, int layer)
    {
        var specs = new List<TensorSpec>();
        AddLinear(specs, Of(layer, "norm1.emb.timestep_embedder.linear_1"), config.Width, TimestepEmbedding.Width);
        AddLinear(specs, Of(layer, "norm1.emb.timestep_embedder.linear_2"), config.Width, config.Width);
        if (config.Classes > 0) specs.Add(Matrix(Of(layer, "norm1.emb.class_embedder.embedding_table.weight"), config.Classes + 1, config.Width));
        return specs;
    }

    private static void AddAttention(List<TensorSpec> specs, DenoiserConfig config, string attention, int keyWidth)
    {
        AddLinear(specs, $"{attention}.to_q", config.Width, config.Width, config.AttentionBias);
        AddLinear(specs, $"{attention}.to_k", config.Width, keyWidth, config.AttentionBias);
        AddLinear(specs, $"{attention}.to_v", config.Width, keyWidth, config.AttentionBias);
        AddLinear(specs, $"{attention}.to_out.0", config.Width, config.Width);
    }

    private static void AddLinear(List<TensorSpec> specs, string name, int rows, int columns, bool bias = true)
    {
        specs.Add(Matrix($"{name}.weight", rows, columns));
        if (bias) specs.Add(Vector($"{name}.bias", rows));
    }

    private static TensorSpec Matrix(string name, int rows, int columns) => new(name, rows, columns, IsVector: false);

    private static TensorSpec Vector(string name, int length) => new(name, 1, length, IsVector: true);
}
