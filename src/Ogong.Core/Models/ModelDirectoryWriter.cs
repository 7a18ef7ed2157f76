using System.Globalization;
using System.Text.Json;
using Ogong.Compute;

namespace Ogong.Models;

/// <summary>
/// Writes models as folders that <see cref="ModelDirectory"/> reads: config, tokenizer, safetensors. Equal input makes equal bytes.
/// </summary>
public static class ModelDirectoryWriter
{
    /// <summary>Bytes of tensors in one file, about what published models have.</summary>
    private const long ShardBytes = 5_000_000_000;

    private static readonly JsonWriterOptions s_indented = new() { Indented = true };

    /// <summary>What a folder has besides: suggestions, and what other programs read.</summary>
    private static readonly string[] s_copied = ["generation_config.json", "tokenizer_config.json", "special_tokens_map.json"];

    /// <summary>
    /// Writes a model with its matrices stored as <paramref name="type"/>. Matrices of another type are widened and rounded to it; where none
    /// was, the folder has the <c>model_root</c> of the original. Vectors keep value and type. The folder appears when it is complete.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="type">F32, F16, BF16 or I8-256; the other types are GGUF's.</param>
    /// <param name="folder">The folder, which must not exist, in one that does.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    /// <exception cref="ModelFormatException">A tensor cannot be stored so, or is not finite, and the message names it; or the model's files have changed since it was opened.</exception>
    /// <exception cref="IOException">The folder exists already, or a file could not be read or written.</exception>
    public static void Write(StoredModel model, ElementType type, string folder, CancellationToken cancellationToken = default) => Write(model, type, folder, ShardBytes, cancellationToken);

    internal static void Write(StoredModel model, ElementType type, string folder, long shardBytes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (type.IsBlock() && type != ElementType.I8_256) throw new ArgumentOutOfRangeException(nameof(type), type, "The type is one of GGUF's, which safetensors cannot name.");
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (Path.Exists(target)) throw new IOException($"'{target}' exists already.");
        if (!Directory.Exists(Path.GetDirectoryName(target))) throw new DirectoryNotFoundException($"There is no folder for '{target}' to be in.");
        string temporary = $"{target}.{Guid.NewGuid():N}.tmp";
        Directory.CreateDirectory(temporary);
        try
        {
            WriteJson(temporary, "config.json", json => ConfigWriter.Write(json, model.Config, type));
            foreach (string name in s_copied) Copy(model, name, temporary);
            GgufTokenizerFile.Write(model, temporary);
            WriteTensors(model, type, temporary, shardBytes, cancellationToken);
            CheckConfig(model, temporary);
            Directory.Move(temporary, target);
        }
        finally
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        }
    }

    private static void WriteTensors(StoredModel model, ElementType type, string folder, long shardBytes, CancellationToken cancellationToken)
    {
        List<SafetensorsShard> shards = SafetensorsShard.Split(TensorNames.All(model.Config).Select(s => new SafetensorsItem(s, s.IsVector ? model.Tensor(s.Name).Type : type)), shardBytes);
        if (shards is [SafetensorsShard single])
        {
            single.Write(model, Path.Combine(folder, "model.safetensors"), cancellationToken);
            return;
        }
        string FileOf(int shard) => string.Create(CultureInfo.InvariantCulture, $"model-{shard + 1:D5}-of-{shards.Count:D5}.safetensors");
        for (int i = 0; i < shards.Count; i++) shards[i].Write(model, Path.Combine(folder, FileOf(i)), cancellationToken);
        WriteJson(folder, "model.safetensors.index.json", json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("metadata");
            json.WriteNumber("total_size", shards.Sum(static s => s.Bytes));
            json.WriteEndObject();
            json.WriteStartObject("weight_map");
            for (int i = 0; i < shards.Count; i++)
                foreach (string name in shards[i].Names) json.WriteString(name, FileOf(i));
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    /// <summary>What was written must be read as the config it was written from, tokenizer included, or the product is another one than asked for.</summary>
    private static void CheckConfig(StoredModel model, string folder)
    {
        using ModelDirectory written = ModelDirectory.Open(folder);
        if (!ModelConfigEncoding.Encode(written.Config).AsSpan().SequenceEqual(ModelConfigEncoding.Encode(model.Config)))
            throw new ModelFormatException(model.FullPath, "The model's files have changed since it was opened.");
    }

    private static void Copy(StoredModel model, string name, string folder)
    {
        string source = Path.Combine(model.FullPath, name);
        if (model is ModelDirectory && File.Exists(source)) File.Copy(source, Path.Combine(folder, name));
    }

    private static void WriteJson(string folder, string name, Action<Utf8JsonWriter> write)
    {
        using var stream = new FileStream(Path.Combine(folder, name), FileMode.CreateNew, FileAccess.Write, FileShare.None);
        using var json = new Utf8JsonWriter(stream, s_indented);
        write(json);
    }
}
