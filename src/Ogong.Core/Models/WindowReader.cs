namespace Ogong.Models;

/// <summary>The attention window of a config. One window (or none) for all layers is supported; a mixture is refused by name.</summary>
internal static class WindowReader
{
    private const int MistralDefault = 4096;

    public static int? Read(JsonFields config, ModelArchitecture architecture, int layers)
    {
        int? window = config.Int("sliding_window", 1, ModelLimits.MaxPositions);
        window = architecture switch
        {
            ModelArchitecture.Mistral => config.Has("sliding_window") ? window : MistralDefault,
            ModelArchitecture.Qwen2 or ModelArchitecture.Qwen3 => ReadQwen(config, window, layers),
            _ => null, // Llama has no window; the key, if there, is not honoured anywhere
        };
        return config.Strings("layer_types") is { } types ? CheckLayerTypes(config, types, window, layers) : window;
    }

    /// <summary>Qwen windows layers from <c>max_window_layers</c> on, and only where <c>use_sliding_window</c> says so.</summary>
    private static int? ReadQwen(JsonFields config, int? window, int layers)
    {
        if (!config.Bool("use_sliding_window", absent: false) || window is null) return null;
        if (config.Sets("layer_types")) return window; // they say which layers, and decide
        int full = config.Int("max_window_layers", 0, ModelLimits.Layers) ?? 28;
        if (full >= layers) return null;
        return full == 0 ? window : throw config.Refuse("max_window_layers",
            $"({full}) below num_hidden_layers ({layers}) mixes windowed and full attention, which is not supported.");
    }

    private static int? CheckLayerTypes(JsonFields config, IReadOnlyList<string> types, int? window, int layers)
    {
        if (types.Count != layers) throw config.Refuse("layer_types", $"lists {types.Count} layers of {layers}.");
        if (types.Any(t => t != types[0])) throw config.Refuse("layer_types", "mixes kinds of attention, which is not supported.");
        return types[0] switch
        {
            "full_attention" => null,
            "sliding_attention" => window ?? throw config.Refuse("layer_types", "asks for sliding attention without a sliding_window in use."),
            _ => throw config.Refuse("layer_types", $"names {ModelFormatException.Quote(types[0])}, which is not supported."),
        };
    }
}
