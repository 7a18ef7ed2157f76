using System.Text.Json.Nodes;
using NUnit.Framework;
using Ogong.Bytes;
using Ogong.Compute;
using Ogong.Models;
using Ogong.Tests.Models.Gguf;

namespace Ogong.Tests.Models;

/// <summary>Models written as folders and read again.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class ModelDirectoryWriterTests
{
    private static readonly ElementType[] s_types = [ElementType.F32, ElementType.F16, ElementType.BF16, ElementType.I8_256];

    [Test]
    public void A_model_on_disk_is_the_one_converted_in_memory([Values("llama", "llama3", "mistral", "qwen2", "qwen3", "kjv-0.9m")] string name, [ValueSource(nameof(s_types))] ElementType type)
    {
        using var original = StoredModel.Open(name == "kjv-0.9m" ? Repository.Model(name) : Repository.Vector("golden", name));
        using TempFolder target = new();
        ModelDirectoryWriter.Write(original, type, target.Model);
        using var written = ModelDirectory.Open(target.Model);
        Assert.That(ModelManifest.Compute(written).Encode(), Is.EqualTo(ModelManifest.Compute(SubstitutedWeights.WithMatricesAs(original, type)).Encode()));
        Assert.That(ModelManifest.Compute(written).ModelRoot == ModelManifest.Compute(original).ModelRoot, Is.EqualTo(type == ElementType.BF16), "only bfloat16 is the original's own type");
        Assert.That((written.Tensor(TensorNames.Down(1)).Type, written.Tensor(TensorNames.FinalNorm).Type), Is.EqualTo((type, ElementType.BF16)));
        Assert.That(Directory.GetFiles(target.Model).Select(Path.GetFileName).Order(), Is.EqualTo((string[])["config.json", "model.safetensors"]));
        Assert.That(target.Names, Is.EqualTo((string[])["model"]), "nothing is left beside it");
    }

    [Test]
    public void A_large_model_is_split_and_whatever_the_sizes_every_tensor_is_aligned()
    {
        // Rows of 13 bytes, 11 of them: odd sizes between vectors of binary32.
        using var folder = new ModelFolder(ModelFolder.SmallConfig(), write: false);
        (folder.Config["hidden_size"], folder.Config["vocab_size"]) = (9, 11);
        ModelConfig config = ConfigReader.Parse(System.Text.Encoding.UTF8.GetBytes(folder.Config.ToJsonString()), "config.json");
        CraftedTensor[] tensors = [.. ModelFolder.Tensors(config, "F32")];
        foreach (CraftedTensor tensor in tensors)
            for (int i = 3; i < tensor.Bytes.Length; i += 4) tensor.Bytes[i] = 0x3E; // finite
        folder.Write();
        folder.WriteBytes("model.safetensors", SafetensorsWriter.File(tensors));
        using ModelDirectory original = folder.Open();
        using TempFolder target = new();
        ModelDirectoryWriter.Write(original, ElementType.I8_256, target.Model, shardBytes: 300, CancellationToken.None);
        using var written = ModelDirectory.Open(target.Model);
        Assert.That(ModelManifest.Compute(written).ModelRoot, Is.EqualTo(ModelManifest.Compute(SubstitutedWeights.WithMatricesAs(original, ElementType.I8_256)).ModelRoot));
        string[] shards = [.. Directory.GetFiles(target.Model, "*.safetensors").Select(Path.GetFileName).Order().Cast<string>()];
        Assert.That(shards, Has.Length.GreaterThan(3));
        Assert.That(shards, Is.EqualTo(Enumerable.Range(1, shards.Length).Select(i => $"model-{i:D5}-of-{shards.Length:D5}.safetensors")));
        JsonNode index = JsonNode.Parse(File.ReadAllText(Path.Combine(target.Model, "model.safetensors.index.json")))!;
        long bytes = TensorNames.All(config).Sum(s => s.IsVector ? 4 * s.Columns : s.Rows * ElementType.I8_256.RowBytes(s.Columns));
        Assert.That((long)index["metadata"]!["total_size"]!, Is.EqualTo(bytes));
        Assert.That(shards.Sum(s => DataBytes(Path.Combine(target.Model, s))), Is.EqualTo(bytes));
    }

    [Test]
    public void A_GGUF_file_keeps_its_tokenizer_and_its_product_in_a_folder_and_back()
    {
        var builder = GgufBuilder.Small(matrices: ElementType.F16);
        builder.Set("tokenizer.ggml.model", "gpt2");
        builder.Set("tokenizer.ggml.pre", "gpt-2");
        builder.Set("tokenizer.ggml.tokens", (string[])["a", "b", "ab"]);
        builder.Set("tokenizer.ggml.merges", (string[])["a b"]);
        foreach (GgufBuilder.RawTensor tensor in builder.Tensors.Where(static t => t.Dimensions.Length == 2))
            for (int i = 1; i < tensor.Data.Length; i += 2) tensor.Data[i] = 0x38; // finite values
        using GgufTempFile foreign = new(builder.Build()), again = new();
        using TempFolder target = new();
        using var original = GgufModel.Open(foreign.FilePath);
        Assert.That(original.Config.Tokenizer.Kind, Is.EqualTo(TokenizerKind.Gguf));
        ModelDirectoryWriter.Write(original, ElementType.F16, target.Model);
        using (var written = ModelDirectory.Open(target.Model))
        {
            Assert.That(ModelManifest.Compute(written).Encode(), Is.EqualTo(ModelManifest.Compute(original).Encode()));
            Assert.That(written.OpenTokenizer()!.Encode("aba"), Is.EqualTo((int[])[2, 0]));
            GgufWriter.Write(written, ElementType.F16, again.FilePath);
        }
        using var back = GgufModel.Open(again.FilePath);
        Assert.That(ModelManifest.Compute(back).ModelRoot, Is.EqualTo(ModelManifest.Compute(original).ModelRoot));

        // The file is a stranger's like any other.
        string file = Path.Combine(target.Model, "tokenizer.gguf");
        using var open = ModelDirectory.Open(target.Model);
        builder.Set("tokenizer.ggml.tokens", (string[])["a", "b", "c"]);
        builder.Tensors.Clear();
        File.WriteAllBytes(file, builder.Build());
        Assert.That(open.OpenTokenizer, Throws.TypeOf<ModelFormatException>().With.Message.EqualTo("tokenizer.gguf: The file has changed since the model was opened."));
        builder.Set("tokenizer.ggml.model", "none");
        File.WriteAllBytes(file, builder.Build());
        Assert.That(() => ModelDirectory.Open(target.Model), Throws.TypeOf<ModelFormatException>().With.Message.EqualTo("tokenizer.gguf: tokenizer.ggml.model names no tokenizer."));
        File.WriteAllBytes(file, File.ReadAllBytes(foreign.FilePath));
        Assert.That(() => ModelDirectory.Open(target.Model), Throws.TypeOf<ModelFormatException>().With.Message.Contains("holds tensors"));
        File.WriteAllBytes(file, [1, 2, 3]);
        Assert.That(() => ModelDirectory.Open(target.Model), Throws.TypeOf<ModelFormatException>());
    }

    [Test]
    public void Tokenizer_and_suggestions_of_a_folder_come_along([Values] bool throughGguf)
    {
        using var folder = new ModelFolder(ModelFolder.SmallConfig());
        WriteOnes(folder);
        folder.WriteText("tokenizer.json", """{"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"use_regex":true},"decoder":{"type":"ByteLevel"},"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}}""");
        folder.WriteText("generation_config.json", """{"eos_token_id":[3,5],"temperature":0.7}""");
        using ModelDirectory original = folder.Open();
        using TempFolder target = new();
        using GgufTempFile file = new();
        if (throughGguf) GgufWriter.Write(original, ElementType.BF16, file.FilePath);
        using (StoredModel source = StoredModel.Open(throughGguf ? file.FilePath : folder.Folder)) ModelDirectoryWriter.Write(source, ElementType.BF16, target.Model);
        using var written = ModelDirectory.Open(target.Model);
        Assert.That(ModelManifest.Compute(written).ModelRoot, Is.EqualTo(ModelManifest.Compute(original).ModelRoot));
        Assert.That(written.OpenTokenizer()!.Encode("ab"), Is.EqualTo((int[])[2]));
        Assert.That((written.Config.EndTokens, written.Generation.Temperature), Is.EqualTo(((int[])[3, 5], throughGguf ? null : (double?)0.7)));
    }

    [TestCase("Llama")]
    [TestCase("Mistral")]
    [TestCase("Mistral", "sliding_window", 48)]
    [TestCase("Qwen2")]
    [TestCase("Qwen3", "sliding_window", 16, "use_sliding_window", true, "max_window_layers", 0)]
    [TestCase("Llama", "rope_theta", 123456.789, "rms_norm_eps", 1.2345678e-6, "tie_word_embeddings", true, "bos_token_id", 0)]
    public void Every_config_comes_back(string architecture, params object[] changes)
    {
        using var folder = new ModelFolder(ModelFolder.SmallConfig(architecture), write: false);
        for (int i = 0; i < changes.Length; i += 2) folder.Config[(string)changes[i]] = JsonValue.Create(changes[i + 1]);
        folder.Config["eos_token_id"] = architecture == "Qwen2" ? new JsonArray() : new JsonArray(7, 3, 2);
        if (architecture == "Llama") folder.Config["rope_scaling"] = JsonNode.Parse("""{"rope_type":"llama3","factor":8.25,"low_freq_factor":1.5,"high_freq_factor":4.1,"original_max_position_embeddings":32}""");
        folder.Write();
        WriteOnes(folder);
        using ModelDirectory original = folder.Open();
        using TempFolder target = new();
        ModelDirectoryWriter.Write(original, ElementType.I8_256, target.Model);
        using var written = ModelDirectory.Open(target.Model);
        Assert.That(ModelConfigEncoding.Encode(written.Config), Is.EqualTo(ModelConfigEncoding.Encode(original.Config)));
        Assert.That(written.Config.SlidingWindow, Is.EqualTo(original.Config.SlidingWindow));
    }

    [Test]
    public void What_cannot_be_written_leaves_nothing_and_what_exists_is_not_replaced()
    {
        using var folder = new ModelFolder(ModelFolder.SmallConfig());
        WriteOnes(folder, 0x7F00); // 1.7·10³⁸
        using ModelDirectory model = folder.Open();
        using TempFolder target = new();
        Assert.That(() => ModelDirectoryWriter.Write(model, ElementType.F16, target.Model), Throws.TypeOf<ModelFormatException>().With.Message.Contains("model.embed_tokens.weight is too large for F16 at row 0, column 0"));
        Assert.That(() => ModelDirectoryWriter.Write(model, ElementType.Q8_0, target.Model), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => ModelDirectoryWriter.Write(model, ElementType.BF16, Path.Combine(target.Model, "x")), Throws.TypeOf<DirectoryNotFoundException>());
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => ModelDirectoryWriter.Write(model, ElementType.BF16, target.Model, cancelled.Token));
        Assert.That(target.Names, Is.Empty);

        ModelDirectoryWriter.Write(model, ElementType.BF16, target.Model + Path.DirectorySeparatorChar);
        Assert.That(() => ModelDirectoryWriter.Write(model, ElementType.F32, target.Model), Throws.TypeOf<IOException>().With.Message.Contains("exists already"));
        using (var kept = ModelDirectory.Open(target.Model)) Assert.That(kept.Tensor(TensorNames.Embedding).Type, Is.EqualTo(ElementType.BF16));

        folder.WriteText("generation_config.json", """{"eos_token_id":9}""");
        Directory.Delete(target.Model, recursive: true);
        Assert.That(() => ModelDirectoryWriter.Write(model, ElementType.BF16, target.Model), Throws.TypeOf<ModelFormatException>().With.Message.Contains("have changed since it was opened"));
        Assert.That(target.Names, Is.Empty);
    }

    private static void WriteOnes(ModelFolder folder, ushort bits = 0x3F80)
    {
        ModelConfig config = ConfigReader.Parse(System.Text.Encoding.UTF8.GetBytes(folder.Config.ToJsonString()), "config.json");
        CraftedTensor[] tensors = [.. ModelFolder.Tensors(config)];
        foreach (CraftedTensor tensor in tensors)
            for (int i = 0; i < tensor.Bytes.Length; i += 2) BitConverter.TryWriteBytes(tensor.Bytes.AsSpan(i), bits);
        folder.WriteBytes("model.safetensors", SafetensorsWriter.File(tensors));
    }

    private static long DataBytes(string file)
    {
        using FileStream stream = File.OpenRead(file);
        byte[] prefix = new byte[8];
        stream.ReadExactly(prefix);
        long header = BitConverter.ToInt64(prefix);
        Assert.That(header % 8, Is.Zero);
        return stream.Length - 8 - header;
    }

    /// <summary>A throw-away folder for a model to be written into.</summary>
    private sealed class TempFolder : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ogong-written-");

        public string Model => Path.Combine(_folder.FullName, "model");

        public IEnumerable<string> Names => _folder.EnumerateFileSystemInfos().Select(static f => f.Name);

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
