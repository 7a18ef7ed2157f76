using System.Text.Json;
using Ogong.Compute;

namespace Ogong.Models;

/// <summary>Writes the <c>config.json</c> that <see cref="ConfigReader"/> reads as a given config.</summary>
internal static class ConfigWriter
{
    /// <summary>Writes it.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="config">The config; its tokenizer is another file's business.</param>
    /// <param name="type">Type of the matrices. Hugging Face has no name for one of blocks.</param>
    public static void Write(Utf8JsonWriter json, ModelConfig config, ElementType type)
    {
        json.WriteStartObject();
        json.WriteStartArray("architectures");
        json.WriteStringValue($"{config.Architecture}ForCausalLM");
        json.WriteEndArray();
        json.WriteString("model_type", config.Architecture.ToString().ToLowerInvariant());
        json.WriteNumber("hidden_size", config.HiddenSize);
        json.WriteNumber("num_hidden_layers", config.Layers);
        json.WriteNumber("num_attention_heads", config.Heads);
        json.WriteNumber("num_key_value_heads", config.KvHeads);
        json.WriteNumber("head_dim", config.HeadDim);
        json.WriteNumber("intermediate_size", config.IntermediateSize);
        json.WriteNumber("vocab_size", config.VocabularySize);
        json.WriteNumber("rms_norm_eps", (double)config.RmsNormEpsilon); // all its digits: read as binary64, it rounds back
        json.WriteNumber("rope_theta", config.RopeTheta);
        WriteScaling(json, config.RopeScaling);
        json.WriteNumber("max_position_embeddings", config.MaxPositions);
        WriteWindow(json, config);
        json.WriteBoolean("tie_word_embeddings", config.TiedEmbeddings);
        json.WriteString("hidden_act", "silu");
        if (config.BeginToken is { } begin) json.WriteNumber("bos_token_id", begin);
        WriteEndTokens(json, config.EndTokens);
        if (!type.IsBlock()) json.WriteString("torch_dtype", type switch { ElementType.F32 => "float32", ElementType.F16 => "float16", _ => "bfloat16" });
        json.WriteEndObject();
    }

    private static void WriteScaling(Utf8JsonWriter json, Llama3RopeScaling? scaling)
    {
        if (scaling is null) return;
        json.WriteStartObject("rope_scaling");
        json.WriteString("rope_type", "llama3");
        json.WriteNumber("factor", scaling.Factor);
        json.WriteNumber("low_freq_factor", scaling.LowFrequencyFactor);
        json.WriteNumber("high_freq_factor", scaling.HighFrequencyFactor);
        json.WriteNumber("original_max_position_embeddings", scaling.OriginalMaxPositions);
        json.WriteEndObject();
    }

    private static void WriteWindow(Utf8JsonWriter json, ModelConfig config)
    {
        if (config.SlidingWindow is { } window) json.WriteNumber("sliding_window", window);
        else json.WriteNull("sliding_window"); // where Mistral says nothing, it means 4096
        if (config.Architecture is not (ModelArchitecture.Qwen2 or ModelArchitecture.Qwen3)) return;
        json.WriteBoolean("use_sliding_window", config.SlidingWindow is not null);
        if (config.SlidingWindow is not null) json.WriteNumber("max_window_layers", 0);
    }

    private static void WriteEndTokens(Utf8JsonWriter json, IReadOnlyList<int> tokens)
    {
        if (tokens is [int token])
        {
            json.WriteNumber("eos_token_id", token);
            return;
        }
        json.WriteStartArray("eos_token_id");
        foreach (int end in tokens) json.WriteNumberValue(end);
        json.WriteEndArray();
    }
}
