using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ogong.Models;

namespace Ogong.Tests.Models;

/// <summary>A tensor to be written.</summary>
internal sealed record CraftedTensor(string Name, string DType, long[] Shape, byte[] Bytes);

/// <summary>Writes safetensors files, right or deliberately wrong.</summary>
internal static class SafetensorsWriter
{
    public static byte[] File(string header, byte[] data)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        byte[] file = new byte[8 + json.Length + data.Length];
        BinaryPrimitives.WriteInt64LittleEndian(file, json.Length);
        json.CopyTo(file, 8);
        data.CopyTo(file, 8 + json.Length);
        return file;
    }

    public static byte[] File(params IEnumerable<CraftedTensor> tensors)
    {
        var header = new JsonObject { ["__metadata__"] = new JsonObject { ["format"] = "pt" } };
        using var data = new MemoryStream();
        foreach (CraftedTensor tensor in tensors)
        {
            header[tensor.Name] = new JsonObject
            {
                ["dtype"] = tensor.DType,
                ["shape"] = new JsonArray([.. tensor.Shape.Select(d => (JsonNode)d)]),
                ["data_offsets"] = new JsonArray(data.Length, data.Length + tensor.Bytes.Length),
            };
            data.Write(tensor.Bytes);
        }
        return File(header.ToJsonString(), data.ToArray());
    }
}

/// <summary>A throw-away model folder, valid unless changed.</summary>
internal sealed class ModelFolder : IDisposable
{
    public ModelFolder(JsonObject config, bool write = true)
    {
        Directory.CreateDirectory(Folder);
        Config = config;
        if (write) Write();
    }

    public string Folder { get; } = Path.Combine(Path.GetTempPath(), $"ogong-models-{Guid.NewGuid():N}");

    public JsonObject Config { get; }

    /// <summary>A small config of an architecture.</summary>
    public static JsonObject SmallConfig(string architecture = "Llama") => new()
    {
        ["architectures"] = new JsonArray($"{architecture}ForCausalLM"),
        ["model_type"] = architecture.ToLowerInvariant(),
        ["hidden_size"] = 8,
        ["num_hidden_layers"] = 2,
        ["num_attention_heads"] = 2,
        ["num_key_value_heads"] = 1,
        ["head_dim"] = 4,
        ["intermediate_size"] = 6,
        ["vocab_size"] = 10,
        ["rms_norm_eps"] = 1e-5,
        ["rope_theta"] = 10000.0,
        ["max_position_embeddings"] = 64,
        ["sliding_window"] = null,
        ["hidden_act"] = "silu",
        ["eos_token_id"] = 2,
    };

    /// <summary>The tensors a config demands, filled from a seed.</summary>
    public static List<CraftedTensor> Tensors(ModelConfig config, string dtype = "BF16", int seed = 1)
    {
        var random = new Random(seed);
        return [.. Specs(config).Select(spec =>
        {
            byte[] bytes = new byte[(long)spec.Rows * spec.Columns * (dtype == "F32" ? 4 : 2)];
            random.NextBytes(bytes);
            return new CraftedTensor(spec.Name, dtype, spec.IsVector ? [spec.Columns] : [spec.Rows, spec.Columns], bytes);
        })];
    }

    public static IEnumerable<TensorSpec> Specs(ModelConfig config) => TensorNames.EmbeddingTensors(config)
        .Concat(Enumerable.Range(0, config.Layers).SelectMany(i => TensorNames.LayerTensors(config, i)))
        .Concat(TensorNames.HeadTensors(config)).DistinctBy(s => s.Name);

    public void Write()
    {
        WriteText("config.json", Config.ToJsonString());
        ModelConfig config = ConfigReader.Parse(JsonSerializer.SerializeToUtf8Bytes(Config), "config.json");
        WriteBytes("model.safetensors", SafetensorsWriter.File(Tensors(config)));
    }

    public void WriteText(string name, string text) => File.WriteAllText(Path.Combine(Folder, name), text);

    public void WriteBytes(string name, byte[] bytes) => File.WriteAllBytes(Path.Combine(Folder, name), bytes);

    public void Delete(string name) => File.Delete(Path.Combine(Folder, name));

    public ModelDirectory Open() => ModelDirectory.Open(Folder);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
