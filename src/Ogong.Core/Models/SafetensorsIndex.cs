using System.Text.Json;

namespace Ogong.Models;

/// <summary>
/// The <c>weight_map</c> of a <c>model.safetensors.index.json</c>: which shard holds which tensor. Total on hostile bytes.
/// </summary>
internal static class SafetensorsIndex
{
    /// <summary>Largest index read.</summary>
    public const int MaxBytes = 100_000_000;

    private const int MaxShards = 4096;

    /// <summary>Tensor name → shard file name. Shard names are plain file names: no folder, no way up.</summary>
    public static Dictionary<string, string> Parse(ReadOnlySpan<byte> json, string file)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 16 });
            Dictionary<string, string>? map = null;
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                throw new ModelFormatException(file, "The index is not a JSON object.");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isMap = reader.ValueTextEquals("weight_map"u8);
                reader.Read();
                if (!isMap) reader.Skip();
                else if (map is null) map = ReadMap(ref reader, file);
                else throw new ModelFormatException(file, "weight_map appears twice.");
            }
            if (reader.Read()) throw new ModelFormatException(file, "The index goes on after its JSON object.");
            return map ?? throw new ModelFormatException(file, "There is no weight_map.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ModelFormatException(file, "The index is not valid JSON of the expected shape.", e);
        }
    }

    private static Dictionary<string, string> ReadMap(ref Utf8JsonReader reader, string file)
    {
        if (reader.TokenType != JsonTokenType.StartObject) throw new ModelFormatException(file, "weight_map is not an object.");
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        var shards = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string tensor = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
                throw new ModelFormatException(file, $"The shard of tensor {ModelFormatException.Quote(tensor)} is not a string.");
            string shard = reader.GetString()!;
            if (!shards.TryGetValue(shard, out string? known))
            {
                CheckShardName(shard, file);
                if (shards.Count == MaxShards) throw new ModelFormatException(file, $"There are more than {MaxShards} shards.");
                shards.Add(shard, known = shard);
            }
            if (!map.TryAdd(tensor, known))
                throw new ModelFormatException(file, $"Tensor {ModelFormatException.Quote(tensor)} appears twice.");
        }
        return map;
    }

    private static void CheckShardName(string shard, string file)
    {
        bool plain = shard.Length is > 0 and <= 255 && shard.EndsWith(".safetensors", StringComparison.Ordinal) && shard[0] != '.'
            && shard.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '+' or '=');
        if (!plain) throw new ModelFormatException(file, $"{ModelFormatException.Quote(shard)} is not a plain .safetensors file name.");
    }
}
