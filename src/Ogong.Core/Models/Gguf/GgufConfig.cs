using Ogong.Bytes;
using Ogong.Compute;

namespace Ogong.Models;

/// <summary>
/// What the metadata of a GGUF file says about its model. The standard keys cannot say everything a config says: a file this library wrote
/// has the exact config besides, which must agree with them, so that two readers never see two models.
/// </summary>
/// <param name="Model">The config.</param>
/// <param name="VectorTypes">Types the vectors had before they were widened for the file, in the order of
/// <see cref="TensorNames.All"/>; null where nothing is said.</param>
internal sealed record GgufConfig(ModelConfig Model, ElementType[]? VectorTypes)
{
    /// <summary>Canonical bytes of the config.</summary>
    public const string ConfigKey = "ogong.config";

    /// <summary>A byte per vector: its <see cref="ElementType"/>.</summary>
    public const string VectorTypesKey = "ogong.vector_types";

    /// <summary>Most end tokens the standard keys can name.</summary>
    public static readonly IReadOnlyList<string> EndKeys = ["tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"];

    /// <summary>Reads and checks it.</summary>
    /// <param name="header">The header, for shapes.</param>
    /// <param name="metadata">Its metadata.</param>
    /// <param name="ropeFactors">Elements of <see cref="GgufNames.RopeFactors"/>, empty where there is no such tensor.</param>
    public static GgufConfig Read(GgufHeader header, GgufMetadata metadata, ReadOnlySpan<float> ropeFactors)
    {
        ModelConfig stated = GgufKeys.Read(header, metadata, ropeFactors), model = stated;
        if (metadata.Bytes(ConfigKey, out ReadOnlySpan<byte> canonical))
        {
            var reader = new ByteReader(canonical);
            if (!ModelConfigEncoding.TryRead(ref reader, out ModelConfig? exact) || !reader.TryEnd()) throw metadata.Refuse(ConfigKey, $"is no config: {reader.Failure}.");
            if (!ModelConfigEncoding.Encode(AsStated(exact)).AsSpan().SequenceEqual(ModelConfigEncoding.Encode(stated with { RopeScaling = null }))) throw metadata.Refuse(ConfigKey, "differs from what the standard keys and tensors state.");
            if (!RopeFactors.Match(exact, ropeFactors)) throw metadata.Refuse(ConfigKey, $"has a RoPE scaling that is not that of {GgufNames.RopeFactors}.");
            model = exact;
        }
        else if (ropeFactors.Length > 0)
        {
            model = stated with
            {
                RopeScaling = RopeFactors.Recognise(stated, ropeFactors, out Llama3RopeScaling? scaling) ? scaling
                    : throw metadata.Refuse(GgufNames.RopeFactors, "is not the RoPE scaling of Llama 3; no other is supported."),
            };
        }
        return new GgufConfig(model, ReadVectorTypes(metadata, model));
    }

    /// <summary>What the standard keys can say about a config; RoPE scaling apart, which is a tensor.</summary>
    public static ModelConfig AsStated(ModelConfig config) => config with
    {
        Architecture = config.Architecture == ModelArchitecture.Mistral && config.SlidingWindow is null ? ModelArchitecture.Llama : config.Architecture,
        RopeTheta = (float)config.RopeTheta,
        RopeScaling = null,
        EndTokens = [.. config.EndTokens.Distinct().Order().Take(EndKeys.Count)],
    };

    private static ElementType[]? ReadVectorTypes(GgufMetadata metadata, ModelConfig config)
    {
        if (!metadata.Bytes(VectorTypesKey, out ReadOnlySpan<byte> types)) return null;
        int vectors = TensorNames.All(config).Count(static spec => spec.IsVector);
        if (types.Length != vectors) throw metadata.Refuse(VectorTypesKey, $"names {types.Length} types for {vectors} vectors.");
        var read = new ElementType[types.Length];
        for (int i = 0; i < read.Length; i++)
            read[i] = types[i] <= (byte)ElementType.BF16 ? (ElementType)types[i] : throw metadata.Refuse(VectorTypesKey, $"names the type {types[i]}; 0, 1 and 2 are F32, F16 and BF16.");
        return read;
    }
}
