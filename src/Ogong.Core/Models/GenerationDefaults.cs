namespace Ogong.Models;

/// <summary>
/// What a model's <c>generation_config.json</c> suggests; null where it says nothing. Suggestions only: what is sampled with is in the
/// order and the record. Its end tokens go into <see cref="ModelConfig.EndTokens"/>.
/// </summary>
public sealed record GenerationDefaults
{
    /// <summary>Whether to sample rather than take the likeliest token.</summary>
    public bool? Sample { get; init; }

    /// <summary>Sampling temperature.</summary>
    public double? Temperature { get; init; }

    /// <summary>Keep this many of the likeliest tokens; 0 keeps all.</summary>
    public int? TopK { get; init; }

    /// <summary>Keep the likeliest tokens up to this share of the probability.</summary>
    public double? TopP { get; init; }
}

/// <summary>Reads <c>generation_config.json</c>. Total on hostile bytes.</summary>
internal static class GenerationConfigReader
{
    /// <summary>The suggestions, and the config with the end and begin tokens the file names.</summary>
    public static (GenerationDefaults Defaults, ModelConfig Config) Parse(ReadOnlyMemory<byte> json, ModelConfig config, string file)
        => JsonFields.Parse(json, file, fields => Read(fields, config));

    private static (GenerationDefaults, ModelConfig) Read(JsonFields fields, ModelConfig config)
    {
        int last = config.VocabularySize - 1;
        bool? sample = fields.Sets("do_sample") ? fields.Bool("do_sample", absent: false) : null;
        var defaults = new GenerationDefaults
        {
            Sample = sample,
            Temperature = fields.Double("temperature", 0, 1e6),
            TopK = fields.Int("top_k", 0, int.MaxValue),
            TopP = fields.Double("top_p", 0, 1),
        };
        return (defaults, config with
        {
            BeginToken = config.BeginToken ?? fields.Int("bos_token_id", 0, last),
            EndTokens = fields.IntOrInts("eos_token_id", 0, last) ?? config.EndTokens,
        });
    }
}
