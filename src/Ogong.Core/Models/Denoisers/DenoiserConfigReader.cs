using System.Collections.Immutable;
using Ogong.Diffusion;

namespace Ogong.Models;

/// <summary>
/// Reads the <c>transformer/config.json</c> of diffusers' <c>DiTTransformer2DModel</c>, and of <c>Transformer2DModel</c>, as which the first such models were published. Absent keys take the
/// class's default, sizes have none; what would change the computation and is not supported is refused by name. Total on hostile bytes.
/// </summary>
internal static class DenoiserConfigReader
{
    private const string Current = "DiTTransformer2DModel", Former = "Transformer2DModel";

    /// <summary>Keys that change what is computed wherever they are honoured.</summary>
    private static readonly string[] s_foreign =
    [
        "quantization_config", "caption_channels", "num_vector_embeds", "interpolation_scale", "pos_embed_max_size", "qk_norm", "positional_embeddings", "ff_inner_dim",
    ];

    /// <summary>Keys that do so when they are true.</summary>
    private static readonly string[] s_flags = ["norm_elementwise_affine", "double_self_attention", "only_cross_attention", "use_additional_conditions"];

    public static DenoiserConfig Parse(ReadOnlyMemory<byte> json, string file) => JsonFields.Parse(json, file, Read);

    private static DenoiserConfig Read(JsonFields config)
    {
        string name = config.String("_class_name") ?? throw config.Refuse("_class_name", "is missing.");
        if (name is not (Current or Former))
            throw config.Refuse("_class_name", $"names {ModelFormatException.Quote(name)}, which is not supported; {Current} is.");
        RefuseUnsupported(config, former: name == Former);
        int channels = config.RequiredInt("in_channels", 1, LatentShape.MaxChannels);
        int[] sizes = ReadSizes(config);
        int heads = config.RequiredInt("num_attention_heads", 1, ModelLimits.Heads), headDim = config.RequiredInt("attention_head_dim", 1, ModelLimits.HeadDim);
        var result = new DenoiserConfig
        {
            Heads = heads,
            HeadDim = headDim,
            Layers = config.RequiredInt("num_layers", 1, ModelLimits.Layers),
            Shape = ReadShape(config, channels, sizes),
            Patch = ReadPatch(config, sizes.Length),
            OutputChannels = config.Int("out_channels", 1, 2 * LatentShape.MaxChannels) ?? channels,
            Classes = config.Int("num_embeds_ada_norm", 0, int.MaxValue) ?? 0,
            ContextWidth = config.Int("cross_attention_dim", 1, Conditioning.MaxWidth) ?? 0,
            AttentionBias = config.Bool("attention_bias", absent: name == Current),
            NormEpsilon = ReadEpsilon(config),
            ClassLabels = config.String("class_labels") ?? "",
        };
        return result.Check() is var (key, problem) ? throw config.Refuse(key, problem) : result;
    }

    private static void RefuseUnsupported(JsonFields config, bool former)
    {
        foreach (string key in s_foreign)
            if (config.Sets(key)) throw config.Refuse(key, "is not supported.");
        foreach (string key in s_flags)
            if (config.Bool(key, absent: former && key == "norm_elementwise_affine")) throw config.Refuse(key, "is not supported.");
        Require(config, "activation_fn", "gelu-approximate", former ? "geglu" : null);
        Require(config, "norm_type", "ada_norm_zero", former ? "layer_norm" : null);
    }

    /// <summary>Refuses another value, or its absence where <paramref name="otherwise"/> would be meant.</summary>
    private static void Require(JsonFields config, string key, string supported, string? otherwise)
    {
        string value = config.String(key) ?? otherwise ?? supported;
        if (value != supported) throw config.Refuse(key, $"{ModelFormatException.Quote(value)} is not supported; '{supported}' is.");
    }

    private static int[] ReadSizes(JsonFields config)
    {
        if (config.Ints("sample_size", 1, LatentShape.MaxSize, fewest: 1, longest: 3) is { } sizes) return [.. sizes];
        int size = config.RequiredInt("sample_size", 1, LatentShape.MaxSize);
        return [size, size];
    }

    private static LatentShape ReadShape(JsonFields config, int channels, int[] sizes) =>
        sizes.Aggregate((UInt128)channels, static (count, size) => count * (uint)size) <= LatentShape.MaxCount
            ? new LatentShape(channels, sizes)
            : throw config.Refuse("sample_size", $"makes latents of more than {LatentShape.MaxCount} values.");

    private static ImmutableArray<int> ReadPatch(JsonFields config, int rank)
    {
        if (config.Ints("patch_size", 1, LatentShape.MaxSize, rank, rank) is { } sizes) return [.. sizes];
        int size = config.RequiredInt("patch_size", 1, LatentShape.MaxSize);
        return [.. Enumerable.Repeat(size, rank)];
    }

    private static float ReadEpsilon(JsonFields config)
    {
        float epsilon = (float)(config.Double("norm_eps", 0, 1) ?? 1e-5);
        return epsilon > 0 ? epsilon : throw config.Refuse("norm_eps", "rounds to zero in binary32.");
    }
}
