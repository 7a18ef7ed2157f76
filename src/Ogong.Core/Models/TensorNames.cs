namespace Ogong.Models;

/// <summary>A tensor the config demands: name and shape. A vector has one row.</summary>
/// <param name="Name">Full name.</param>
/// <param name="Rows">Output features, or 1 for a vector.</param>
/// <param name="Columns">Input features, or the length of a vector.</param>
/// <param name="IsVector">Whether it is stored with rank 1.</param>
public readonly record struct TensorSpec(string Name, int Rows, int Columns, bool IsVector);

/// <summary>Names and shapes of the tensors of the four text architectures, as Hugging Face names them.</summary>
public static class TensorNames
{
    /// <summary>Token embedding, [vocabulary × hidden]; also the LM head where embeddings are tied.</summary>
    public const string Embedding = "model.embed_tokens.weight";

    /// <summary>Weight of the norm after the last layer, [hidden].</summary>
    public const string FinalNorm = "model.norm.weight";

    /// <summary>LM head, [vocabulary × hidden], where embeddings are not tied.</summary>
    public const string LmHead = "lm_head.weight";

    /// <summary>Scope of a layer: <c>model.layers.3</c>.</summary>
    public static string Layer(int layer) => $"model.layers.{layer}";

    /// <summary>Weight of the norm before attention, [hidden].</summary>
    public static string InputNorm(int layer) => $"model.layers.{layer}.input_layernorm.weight";

    /// <summary>Query projection, [heads·head_dim × hidden].</summary>
    public static string Query(int layer) => $"model.layers.{layer}.self_attn.q_proj.weight";

    /// <summary>Key projection, [kv_heads·head_dim × hidden].</summary>
    public static string Key(int layer) => $"model.layers.{layer}.self_attn.k_proj.weight";

    /// <summary>Value projection, [kv_heads·head_dim × hidden].</summary>
    public static string Value(int layer) => $"model.layers.{layer}.self_attn.v_proj.weight";

    /// <summary>Bias of the query projection, where <see cref="ModelConfig.AttentionBias"/>.</summary>
    public static string QueryBias(int layer) => $"model.layers.{layer}.self_attn.q_proj.bias";

    /// <summary>Bias of the key projection, where <see cref="ModelConfig.AttentionBias"/>.</summary>
    public static string KeyBias(int layer) => $"model.layers.{layer}.self_attn.k_proj.bias";

    /// <summary>Bias of the value projection, where <see cref="ModelConfig.AttentionBias"/>.</summary>
    public static string ValueBias(int layer) => $"model.layers.{layer}.self_attn.v_proj.bias";

    /// <summary>Weight of the per-head norm of queries, [head_dim], where <see cref="ModelConfig.QkNorm"/>.</summary>
    public static string QueryNorm(int layer) => $"model.layers.{layer}.self_attn.q_norm.weight";

    /// <summary>Weight of the per-head norm of keys, [head_dim], where <see cref="ModelConfig.QkNorm"/>.</summary>
    public static string KeyNorm(int layer) => $"model.layers.{layer}.self_attn.k_norm.weight";

    /// <summary>Output projection of attention, [hidden × heads·head_dim].</summary>
    public static string Output(int layer) => $"model.layers.{layer}.self_attn.o_proj.weight";

    /// <summary>Weight of the norm before the feed-forward layer, [hidden].</summary>
    public static string PostAttentionNorm(int layer) => $"model.layers.{layer}.post_attention_layernorm.weight";

    /// <summary>Gate projection, [intermediate × hidden].</summary>
    public static string Gate(int layer) => $"model.layers.{layer}.mlp.gate_proj.weight";

    /// <summary>Up projection, [intermediate × hidden].</summary>
    public static string Up(int layer) => $"model.layers.{layer}.mlp.up_proj.weight";

    /// <summary>Down projection, [hidden × intermediate].</summary>
    public static string Down(int layer) => $"model.layers.{layer}.mlp.down_proj.weight";

    /// <summary>Name of the matrix that makes logits: the LM head, or the embedding where they are tied.</summary>
    public static string Head(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return config.TiedEmbeddings ? Embedding : LmHead;
    }

    /// <summary>What the first segment needs besides its layers.</summary>
    public static IReadOnlyList<TensorSpec> EmbeddingTensors(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return [Matrix(Embedding, config.VocabularySize, config.HiddenSize)];
    }

    /// <summary>What the last segment needs besides its layers: final norm, then head.</summary>
    public static IReadOnlyList<TensorSpec> HeadTensors(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return [Vector(FinalNorm, config.HiddenSize), Matrix(Head(config), config.VocabularySize, config.HiddenSize)];
    }

    /// <summary>What one layer needs, in the order it computes.</summary>
    public static IReadOnlyList<TensorSpec> LayerTensors(ModelConfig config, int layer)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(layer, config.Layers);
        int hidden = config.HiddenSize, wide = config.Heads * config.HeadDim, narrow = config.KvHeads * config.HeadDim;
        List<TensorSpec> specs =
        [
            Vector(InputNorm(layer), hidden),
            Matrix(Query(layer), wide, hidden),
            Matrix(Key(layer), narrow, hidden),
            Matrix(Value(layer), narrow, hidden),
        ];
        if (config.AttentionBias) specs.AddRange([Vector(QueryBias(layer), wide), Vector(KeyBias(layer), narrow), Vector(ValueBias(layer), narrow)]);
        if (config.QkNorm) specs.AddRange([Vector(QueryNorm(layer), config.HeadDim), Vector(KeyNorm(layer), config.HeadDim)]);
        specs.AddRange(
        [
            Matrix(Output(layer), hidden, wide),
            Vector(PostAttentionNorm(layer), hidden),
            Matrix(Gate(layer), config.IntermediateSize, hidden),
            Matrix(Up(layer), config.IntermediateSize, hidden),
            Matrix(Down(layer), hidden, config.IntermediateSize),
        ]);
        return specs;
    }

    /// <summary>Everything the config demands, each once, in the order of the model tree: embedding, layers, final norm, head.</summary>
    public static IEnumerable<TensorSpec> All(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return EmbeddingTensors(config).Concat(Enumerable.Range(0, config.Layers).SelectMany(layer => LayerTensors(config, layer)))
            .Concat(HeadTensors(config)).DistinctBy(static spec => spec.Name);
    }

    private static TensorSpec Matrix(string name, int rows, int columns) => new(name, rows, columns, IsVector: false);

    private static TensorSpec Vector(string name, int length) => new(name, 1, length, IsVector: true);
}
