namespace Ogong.Models;

/// <summary>
/// Reads the standard metadata keys of the four text architectures. Keys of the architecture that are not known here are refused by name: they
/// might change the computation.
/// </summary>
internal static class GgufKeys
{
    /// <summary>Metadata that is read, or that changes nothing, after the architecture's prefix.</summary>
    private static readonly HashSet<string> s_known =
    [
        "context_length", "embedding_length", "block_count", "feed_forward_length", "vocab_size", "tensor_data_layout", "expert_count", "expert_used_count",
        "use_parallel_residual", "attention.head_count", "attention.head_count_kv", "attention.key_length", "attention.value_length",
        "attention.layer_norm_rms_epsilon", "attention.sliding_window", "attention.causal", "rope.dimension_count", "rope.freq_base", "rope.scale_linear",
        "rope.scaling.type", "rope.scaling.factor", "rope.scaling.finetuned", "rope.scaling.original_context_length",
    ];

    public static ModelConfig Read(GgufHeader header, GgufMetadata metadata, ReadOnlySpan<float> ropeFactors)
    {
        string prefix = metadata.String("general.architecture") ?? throw metadata.Refuse("general.architecture", "is missing.");
        if (prefix is not ("llama" or "qwen2" or "qwen3"))
            throw metadata.Refuse("general.architecture", $"is {ModelFormatException.Quote(prefix)}, which is not supported; llama, qwen2 and qwen3 are.");
        RefuseUnsupported(metadata, prefix + ".");
        return Read(header, new Keys(metadata, prefix + "."), prefix, ropeFactors.Length > 0);
    }

    /// <summary>Writes what <see cref="Read(GgufHeader, GgufMetadata, ReadOnlySpan{float})"/> reads, tensors apart.</summary>
    public static void Write(GgufHeaderWriter header, ModelConfig config)
    {
        string prefix = config.Architecture switch { ModelArchitecture.Qwen2 => "qwen2", ModelArchitecture.Qwen3 => "qwen3", _ => "llama" };
        header.Add("general.architecture", prefix);
        header.Add($"{prefix}.block_count", config.Layers);
        header.Add($"{prefix}.context_length", config.MaxPositions);
        header.Add($"{prefix}.embedding_length", config.HiddenSize);
        header.Add($"{prefix}.feed_forward_length", config.IntermediateSize);
        header.Add($"{prefix}.vocab_size", config.VocabularySize);
        header.Add($"{prefix}.attention.head_count", config.Heads);
        header.Add($"{prefix}.attention.head_count_kv", config.KvHeads);
        header.Add($"{prefix}.attention.key_length", config.HeadDim);
        header.Add($"{prefix}.attention.value_length", config.HeadDim);
        header.Add($"{prefix}.attention.layer_norm_rms_epsilon", config.RmsNormEpsilon);
        if (config.SlidingWindow is { } window) header.Add($"{prefix}.attention.sliding_window", window);
        header.Add($"{prefix}.rope.dimension_count", config.HeadDim);
        header.Add($"{prefix}.rope.freq_base", (float)config.RopeTheta);
    }

    private static ModelConfig Read(GgufHeader header, Keys keys, string architecture, bool scaled)
    {
        int hidden = keys.Required("embedding_length", 1, ModelLimits.HiddenSize), heads = keys.Required("attention.head_count", 1, ModelLimits.Heads);
        int kvHeads = keys.Int("attention.head_count_kv", 1, ModelLimits.Heads) ?? heads;
        if (heads % kvHeads != 0) throw keys.Refuse("attention.head_count_kv", $"({kvHeads}) does not divide attention.head_count ({heads}).");
        int? window = keys.Int("attention.sliding_window", 0, ModelLimits.MaxPositions);
        int vocabulary = ReadVocabulary(header, keys);
        return new ModelConfig
        {
            Architecture = architecture switch
            {
                "qwen2" => ModelArchitecture.Qwen2,
                "qwen3" => ModelArchitecture.Qwen3,
                _ => window > 0 ? ModelArchitecture.Mistral : ModelArchitecture.Llama,
            },
            HiddenSize = hidden,
            Layers = keys.Required("block_count", 1, ModelLimits.Layers),
            Heads = heads,
            KvHeads = kvHeads,
            HeadDim = ReadHeadDim(keys, hidden, heads),
            IntermediateSize = keys.Required("feed_forward_length", 1, ModelLimits.IntermediateSize),
            VocabularySize = vocabulary,
            RmsNormEpsilon = ReadEpsilon(keys),
            RopeTheta = ReadTheta(keys, scaled),
            MaxPositions = keys.Required("context_length", 1, ModelLimits.MaxPositions),
            SlidingWindow = window > 0 ? window : null,
            TiedEmbeddings = header.Tensors.All(static t => t.Name != GgufNames.Of(TensorNames.LmHead)),
            AttentionBias = architecture == "qwen2",
            QkNorm = architecture == "qwen3",
            BeginToken = keys.Metadata.Int(GgufTokenizer.BeginKey, 0, vocabulary - 1),
            EndTokens = ReadEndTokens(keys.Metadata, vocabulary),
            Tokenizer = GgufTokenizer.Identity(keys.Metadata, vocabulary),
        };
    }

    private static void RefuseUnsupported(GgufMetadata metadata, string prefix)
    {
        var keys = new Keys(metadata, prefix);
        foreach (string key in metadata.Keys)
            if (key.StartsWith(prefix, StringComparison.Ordinal) && !s_known.Contains(key[prefix.Length..])) throw metadata.Refuse(key, "is not supported.");
        if (metadata.Int("split.count", 0, ushort.MaxValue) > 1) throw metadata.Refuse("split.count", "says that the model is in several files, which is not supported.");
        if (metadata.String("general.type") is { } kind && kind != "model") throw metadata.Refuse("general.type", $"is {ModelFormatException.Quote(kind)}; only a model is supported.");
        foreach (string key in (string[])["expert_count", "expert_used_count"])
            if (keys.Int(key, 0, int.MaxValue) > 0) throw keys.Refuse(key, "asks for experts, which are not supported.");
        if (metadata.Bool(prefix + "use_parallel_residual") == true) throw keys.Refuse("use_parallel_residual", "is not supported.");
        if (metadata.Bool(prefix + "attention.causal") == false) throw keys.Refuse("attention.causal", "is false, which is not supported.");
        if (metadata.String(prefix + "tensor_data_layout") is { } layout && layout != (prefix == "llama." ? "Meta AI original pth" : "reference"))
            throw keys.Refuse("tensor_data_layout", $"{ModelFormatException.Quote(layout)} is not supported.");
    }

    private static int ReadHeadDim(Keys keys, int hidden, int heads)
    {
        int? stated = keys.Int("attention.key_length", 2, ModelLimits.HeadDim);
        if (stated is null && hidden % heads != 0)
            throw keys.Refuse("embedding_length", $"({hidden}) is not a multiple of attention.head_count ({heads}), and attention.key_length is not given.");
        int headDim = stated ?? (hidden / heads);
        if (headDim is < 2 or > ModelLimits.HeadDim || headDim % 2 != 0)
            throw keys.Refuse("attention.key_length", $"makes heads of {headDim}; an even number in [2, {ModelLimits.HeadDim}] is supported.");
        foreach (string key in (string[])["attention.value_length", "rope.dimension_count"])
            if (keys.Int(key, 1, int.MaxValue) is { } other && other != headDim) throw keys.Refuse(key, $"({other}) differs from the {headDim} of a head, which is not supported.");
        return headDim;
    }

    private static int ReadVocabulary(GgufHeader header, Keys keys)
    {
        string name = GgufNames.Of(TensorNames.Embedding);
        GgufTensor embedding = header.Tensors.FirstOrDefault(t => t.Name == name) ?? throw keys.Metadata.Refuse("Tensor " + name, "is missing.");
        if (embedding.Shape.Length != 2 || embedding.Shape[0] > ModelLimits.VocabularySize)
            throw keys.Metadata.Refuse("Tensor " + name, $"has shape [{string.Join(", ", embedding.Shape)}]; a matrix of at most {ModelLimits.VocabularySize} rows is supported.");
        int rows = (int)embedding.Shape[0];
        return keys.Int("vocab_size", 1, int.MaxValue) is { } stated && stated != rows ? throw keys.Refuse("vocab_size", $"is {stated}, and {name} has {rows} rows.") : rows;
    }

    private static float ReadEpsilon(Keys keys)
    {
        float epsilon = (float)(keys.Double("attention.layer_norm_rms_epsilon", 0, 1) ?? throw keys.Refuse("attention.layer_norm_rms_epsilon", "is missing."));
        return epsilon > 0 ? epsilon : throw keys.Refuse("attention.layer_norm_rms_epsilon", "is zero.");
    }

    private static double ReadTheta(Keys keys, bool scaled)
    {
        if (keys.Metadata.String(keys.Prefix + "rope.scaling.type") is { } type && type != "none")
            throw keys.Refuse("rope.scaling.type", $"{ModelFormatException.Quote(type)} is not supported; 'none' is, and the scaling of Llama 3, which is the tensor {GgufNames.RopeFactors}.");
        foreach (string key in (string[])["rope.scale_linear", "rope.scaling.factor"])
            if (keys.Double(key, 0, 1e6) is { } factor && factor is not (0 or 1) && !scaled) throw keys.Refuse(key, "other than 1 is not supported.");
        return keys.Double("rope.freq_base", 1, 1e30) ?? 10000;
    }

    private static IReadOnlyList<int> ReadEndTokens(GgufMetadata metadata, int vocabulary)
    {
        var tokens = new SortedSet<int>();
        foreach (string key in GgufConfig.EndKeys)
            if (metadata.Int(key, 0, vocabulary - 1) is { } token) tokens.Add(token);
        return [.. tokens];
    }

    /// <summary>The keys under an architecture's prefix.</summary>
    private readonly ref struct Keys(GgufMetadata metadata, string prefix)
    {
        public GgufMetadata Metadata { get; } = metadata;

        public string Prefix { get; } = prefix;

        public ModelFormatException Refuse(string key, string what) => Metadata.Refuse(Prefix + key, what);

        public int? Int(string key, int least, int most) => Metadata.Int(Prefix + key, least, most);

        public int Required(string key, int least, int most) => Metadata.RequiredInt(Prefix + key, least, most);

        public double? Double(string key, double least, double most) => Metadata.Double(Prefix + key, least, most);
    }
}
