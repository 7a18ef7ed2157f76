namespace Ogong.Models;

/// <summary>
/// Reads Hugging Face's <c>config.json</c>. Absent keys take the default of the architecture's Hugging Face configuration class; what would
/// change the computation and is not supported is refused by name; keys that do not change it are not read. Total on hostile bytes.
/// </summary>
internal static class ConfigReader
{
    /// <summary>Largest config read.</summary>
    public const int MaxBytes = 1 << 20;

    private static readonly string[] s_dtypes = ["float32", "float16", "bfloat16"];

    /// <summary>Keys that change what is computed wherever they are honoured, and that the four architectures do not define.</summary>
    private static readonly string[] s_foreign =
    [
        "quantization_config", "attn_logit_softcapping", "final_logit_softcapping", "query_pre_attn_scalar", "attention_multiplier", "embedding_multiplier",
        "residual_multiplier", "logits_scaling", "num_experts", "num_local_experts", "kv_lora_rank", "attention_chunk_size", "no_rope_layers",
    ];

    public static ModelConfig Parse(ReadOnlyMemory<byte> json, string file) => JsonFields.Parse(json, file, Read);

    private static ModelConfig Read(JsonFields config)
    {
        ModelArchitecture architecture = ReadArchitecture(config);
        RefuseUnsupported(config, architecture);
        int hidden = config.RequiredInt("hidden_size", 1, ModelLimits.HiddenSize);
        int layers = config.RequiredInt("num_hidden_layers", 1, ModelLimits.Layers);
        int heads = config.RequiredInt("num_attention_heads", 1, ModelLimits.Heads);
        int kvHeads = ReadKvHeads(config, architecture, heads);
        int vocabulary = config.RequiredInt("vocab_size", 1, ModelLimits.VocabularySize);
        (double theta, Llama3RopeScaling? scaling) = RopeReader.Read(config);
        return new ModelConfig
        {
            Architecture = architecture,
            HiddenSize = hidden,
            Layers = layers,
            Heads = heads,
            KvHeads = kvHeads,
            HeadDim = ReadHeadDim(config, architecture, hidden, heads),
            IntermediateSize = config.RequiredInt("intermediate_size", 1, ModelLimits.IntermediateSize),
            VocabularySize = vocabulary,
            RmsNormEpsilon = ReadEpsilon(config),
            RopeTheta = theta,
            RopeScaling = scaling,
            MaxPositions = config.RequiredInt("max_position_embeddings", 1, ModelLimits.MaxPositions),
            SlidingWindow = WindowReader.Read(config, architecture, layers),
            TiedEmbeddings = config.Bool("tie_word_embeddings", absent: false),
            AttentionBias = architecture == ModelArchitecture.Qwen2,
            QkNorm = architecture == ModelArchitecture.Qwen3,
            BeginToken = config.Int("bos_token_id", 0, vocabulary - 1),
            EndTokens = config.IntOrInts("eos_token_id", 0, vocabulary - 1) ?? [],
        };
    }

    private static ModelArchitecture ReadArchitecture(JsonFields config)
    {
        IReadOnlyList<string> names = config.Strings("architectures") ?? throw config.Refuse("architectures", "is missing.");
        if (names is not [string name]) throw config.Refuse("architectures", $"lists {names.Count} names where one is expected.");
        (ModelArchitecture architecture, string type) = name switch
        {
            "LlamaForCausalLM" => (ModelArchitecture.Llama, "llama"),
            "MistralForCausalLM" => (ModelArchitecture.Mistral, "mistral"),
            "Qwen2ForCausalLM" => (ModelArchitecture.Qwen2, "qwen2"),
            "Qwen3ForCausalLM" => (ModelArchitecture.Qwen3, "qwen3"),
            _ => throw config.Refuse("architectures",
                $"names {ModelFormatException.Quote(name)}, which is not supported; LlamaForCausalLM, MistralForCausalLM, Qwen2ForCausalLM and Qwen3ForCausalLM are."),
        };
        if (config.String("model_type") is { } stated && stated != type)
            throw config.Refuse("model_type", $"is {ModelFormatException.Quote(stated)}, which does not go with {name}.");
        return architecture;
    }

    private static void RefuseUnsupported(JsonFields config, ModelArchitecture architecture)
    {
        foreach (string key in s_foreign)
            if (config.Sets(key)) throw config.Refuse(key, "is not supported.");
        if (config.String("hidden_act") is { } activation && activation != "silu")
            throw config.Refuse("hidden_act", $"{ModelFormatException.Quote(activation)} is not supported; 'silu' is.");
        // Where the key exists (Llama, Qwen3) it also gives o_proj a bias. Qwen2 has biases on Q, K and V whatever the key says; Mistral has none.
        if (architecture is ModelArchitecture.Llama or ModelArchitecture.Qwen3 && config.Bool("attention_bias", absent: false))
            throw config.Refuse("attention_bias", "is not supported: it adds a bias to o_proj.");
        if (architecture is ModelArchitecture.Llama && config.Bool("mlp_bias", absent: false))
            throw config.Refuse("mlp_bias", "is not supported.");
        foreach (string key in (string[])["dtype", "torch_dtype"])
            if (config.String(key) is { } dtype && !s_dtypes.Contains(dtype))
                throw config.Refuse(key, $"{ModelFormatException.Quote(dtype)} is not supported; float32, float16 and bfloat16 are.");
    }

    private static int ReadKvHeads(JsonFields config, ModelArchitecture architecture, int heads)
    {
        int absent = config.Has("num_key_value_heads") ? heads : architecture switch
        {
            ModelArchitecture.Llama => heads,
            ModelArchitecture.Mistral => 8,
            _ => 32,
        };
        int kvHeads = config.Int("num_key_value_heads", 1, ModelLimits.Heads) ?? absent;
        return heads % kvHeads == 0 ? kvHeads : throw config.Refuse("num_key_value_heads",
            $"({kvHeads}) does not divide num_attention_heads ({heads}).");
    }

    private static int ReadHeadDim(JsonFields config, ModelArchitecture architecture, int hidden, int heads)
    {
        int? stated = config.Int("head_dim", 2, ModelLimits.HeadDim);
        if (stated is null && architecture == ModelArchitecture.Qwen3) stated = 128;
        if (stated is null && hidden % heads != 0)
            throw config.Refuse("hidden_size",
                $"({hidden}) is not a multiple of num_attention_heads ({heads}), and head_dim is not given.");
        int headDim = stated ?? (hidden / heads);
        return headDim is >= 2 and <= ModelLimits.HeadDim && headDim % 2 == 0
            ? headDim
            : throw config.Refuse("head_dim", $"is {headDim}; an even number in [2, {ModelLimits.HeadDim}] is supported.");
    }

    private static float ReadEpsilon(JsonFields config)
    {
        float epsilon = (float)(config.Double("rms_norm_eps", 0, 1) ?? throw config.Refuse("rms_norm_eps", "is missing."));
        return epsilon > 0 ? epsilon : throw config.Refuse("rms_norm_eps", "rounds to zero in binary32.");
    }
}
