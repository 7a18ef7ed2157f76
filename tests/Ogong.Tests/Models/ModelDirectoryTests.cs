using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using NUnit.Framework;
using Ogong.Bytes;
using Ogong.Compute;
using Ogong.Models;

namespace Ogong.Tests.Models;

public class ModelDirectoryTests
{
    [TestCase("llama", ModelArchitecture.Llama, 96, 4, 6, 2, 16, 272, 331, false)]
    [TestCase("llama3", ModelArchitecture.Llama, 128, 3, 4, 4, 32, 384, 515, true)]
    [TestCase("mistral", ModelArchitecture.Mistral, 96, 3, 4, 2, 24, 256, 283, false)]
    [TestCase("qwen2", ModelArchitecture.Qwen2, 112, 3, 7, 1, 16, 300, 299, true)]
    [TestCase("qwen3", ModelArchitecture.Qwen3, 128, 3, 4, 2, 48, 320, 307, false)]
    public void GoldenFoldersOpen(string name, ModelArchitecture architecture, int hidden, int layers, int heads, int kvHeads, int headDim, int intermediate, int vocabulary, bool tied)
    {
        using ModelDirectory model = ModelDirectory.Open(Repository.Vector("golden", name));
        ModelConfig c = model.Config;
        Assert.That((c.Architecture, c.HiddenSize, c.Layers, c.Heads, c.KvHeads, c.HeadDim, c.IntermediateSize, c.VocabularySize, c.TiedEmbeddings),
            Is.EqualTo((architecture, hidden, layers, heads, kvHeads, headDim, intermediate, vocabulary, tied)));
        Assert.That(c.SlidingWindow, Is.EqualTo(name == "mistral" ? 16 : null));
        Assert.That(c.AttentionBias, Is.EqualTo(name == "qwen2"));
        Assert.That(c.QkNorm, Is.EqualTo(name == "qwen3"));
        Assert.That(c.RopeScaling, Is.EqualTo(name == "llama3" ? new Llama3RopeScaling(8, 1, 4, 64) : null));
        Assert.That(c.RopeTheta, Is.EqualTo(name switch { "llama3" => 500000, "qwen2" or "qwen3" => 1e6, _ => 1e4 }));
        Assert.That(c.RmsNormEpsilon, Is.EqualTo(name.StartsWith("qwen", StringComparison.Ordinal) ? 1e-6f : 1e-5f));
        Assert.That((c.BeginToken, c.EndTokens), Is.EqualTo(((int?)1, new[] { 2 })));
        Assert.That(c.Tokenizer, Is.EqualTo(TokenizerIdentity.None));
        Assert.That(model.ExtraTensors, Is.Empty);
        ITensorSource down = model.Tensor(TensorNames.Down(layers - 1));
        Assert.That((down.Type, down.Rows, down.Columns), Is.EqualTo((ElementType.BF16, hidden, intermediate)));
    }

    [Test]
    public void TheShippedModelOpensAndReadsItsBytes()
    {
        using ModelDirectory model = ModelDirectory.Open(Repository.Model("kjv-0.9m"));
        Assert.That(model.Config.Tokenizer, Is.EqualTo(TokenizerIdentity.Bytes));
        Assert.That((model.Config.Layers, model.Config.MaxPositions, model.Config.BeginToken), Is.EqualTo((5, 256, (int?)256)));
        byte[] file = File.ReadAllBytes(Path.Combine(Repository.Model("kjv-0.9m"), "model.safetensors"));
        // From the header: layers.2.self_attn.o_proj is [128, 128] bf16 at data_offsets [1091584, 1124352].
        int data = 8 + BitConverter.ToInt32(file, 0);
        ITensorSource tensor = model.Tensor("model.layers.2.self_attn.o_proj.weight");
        Assert.That(tensor.ReadRows(3, 2).SequenceEqual(file.AsSpan(data + 1091584 + (3 * 256), 512)));
        Assert.That(tensor.ReadRows(128, 0).Length, Is.Zero);
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.ReadRows(127, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.ReadRows(-1, 1));
        Assert.Throws<KeyNotFoundException>(() => model.Tensor("model.layers.5.self_attn.o_proj.weight"));
        Assert.That(model.Contains("model.layers.5.self_attn.o_proj.weight"), Is.False);
    }

    [Test]
    public void Matrices_of_I8_256_are_stored_as_bytes()
    {
        using var folder = new ModelFolder(ModelFolder.SmallConfig());
        ModelConfig config = ConfigReader.Parse(JsonSerializer.SerializeToUtf8Bytes(folder.Config), "config.json");
        CraftedTensor[] tensors = [.. ModelFolder.Tensors(config).Select(t =>
            t.Shape is [long rows, long columns] ? new CraftedTensor(t.Name, "U8", [rows, columns + 4], new byte[rows * (columns + 4)]) : t)];
        tensors[0].Bytes[12 + 3] = 0x40; // element [1, 0] of the embedding
        tensors[0].Bytes[12 + 4] = 0xFF;
        folder.WriteBytes("model.safetensors", SafetensorsWriter.File(tensors));
        using (ModelDirectory model = folder.Open())
        {
            ITensorSource embedding = model.Tensor("model.embed_tokens.weight");
            Assert.That((embedding.Type, embedding.Rows, embedding.Columns), Is.EqualTo((ElementType.I8_256, config.VocabularySize, 8)));
            float[] row = new float[8];
            ElementStorage.Widen(embedding.Type, embedding.ReadRows(1, 1), row);
            Assert.That(row[..2], Is.EqualTo(new[] { -2f, 0f }));
        }
        foreach (long[] shape in (long[][])[[10 * 12], [10, 4], [10, 264], [10, 4, 3]])
        {
            tensors[0] = new CraftedTensor(tensors[0].Name, "U8", shape, new byte[shape.Aggregate((a, b) => a * b)]);
            folder.WriteBytes("model.safetensors", SafetensorsWriter.File(tensors));
            Assert.That(Assert.Throws<ModelFormatException>(() => folder.Open().Dispose())!.Message, Does.Contain("no matrix of I8-256"));
        }
    }

    [Test]
    public void ReadingAfterDisposeThrows()
    {
        ModelDirectory model = ModelDirectory.Open(Repository.Model("kjv-0.9m"));
        ITensorSource tensor = model.Tensor(TensorNames.FinalNorm);
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => tensor.ReadRows(0, 1));
    }

    [Test]
    public void ShardsReadLikeOneFile()
    {
        using var folder = new ModelFolder(ModelFolder.SmallConfig());
        using ModelDirectory whole = folder.Open();
        using var sharded = new ModelFolder(ModelFolder.SmallConfig(), write: false);
        Shard(sharded, whole.Config);
        using ModelDirectory model = sharded.Open();
        foreach (TensorSpec spec in ModelFolder.Specs(whole.Config))
            Assert.That(model.Tensor(spec.Name).ReadRows(0, spec.Rows).SequenceEqual(whole.Tensor(spec.Name).ReadRows(0, spec.Rows)), spec.Name);
    }

    [TestCase("missing", "Shard 'b.safetensors' is missing")]
    [TestCase("../b.safetensors", "is not a plain .safetensors file name")]
    [TestCase("/etc/passwd", "is not a plain .safetensors file name")]
    [TestCase("sub\\\\b.safetensors", "is not a plain .safetensors file name")]
    [TestCase("..", "is not a plain .safetensors file name")]
    [TestCase("swapped", "is not in the shard that the index names")]
    public void BadShardsAreRefused(string attack, string reason)
    {
        using var folder = new ModelFolder(ModelFolder.SmallConfig());
        using ModelDirectory whole = folder.Open();
        using var sharded = new ModelFolder(ModelFolder.SmallConfig(), write: false);
        string index = Shard(sharded, whole.Config);
        if (attack == "missing") sharded.Delete("b.safetensors");
        else if (attack == "swapped") sharded.WriteText("model.safetensors.index.json", index.Replace("\"a.safetensors\"", "\"b.safetensors\"", StringComparison.Ordinal));
        else sharded.WriteText("model.safetensors.index.json", index.Replace("\"b.safetensors\"", $"\"{attack}\"", StringComparison.Ordinal));
        Assert.That(Assert.Throws<ModelFormatException>(() => sharded.Open())!.Message, Does.Contain(reason));
    }

    [Test]
    public void OneTensorInTwoShardsIsRefused()
    {
        using var folder = new ModelFolder(ModelFolder.SmallConfig(), write: false);
        folder.WriteText("config.json", folder.Config.ToJsonString());
        byte[] one = SafetensorsWriter.File(new CraftedTensor("x", "F32", [1], new byte[4]), new CraftedTensor("y", "F32", [1], new byte[4]));
        folder.WriteBytes("a.safetensors", one);
        folder.WriteBytes("b.safetensors", one);
        folder.WriteText("model.safetensors.index.json", """{"weight_map":{"x":"a.safetensors","y":"b.safetensors"}}""");
        Assert.That(Assert.Throws<ModelFormatException>(() => folder.Open())!.Message, Does.Contain("is also in this shard"));
    }

    [Test]
    public void MissingMisshapenAndMistypedTensorsAreRefusedByName()
    {
        using var folder = new ModelFolder(ModelFolder.SmallConfig());
        ModelConfig config;
        using (ModelDirectory model = folder.Open()) config = model.Config;
        foreach (TensorSpec spec in ModelFolder.Specs(config))
        {
            List<CraftedTensor> tensors = ModelFolder.Tensors(config);
            CraftedTensor tensor = tensors.Single(t => t.Name == spec.Name);
            Refused(tensors.Where(t => t != tensor), $"Tensor {spec.Name} is missing");
            Refused(tensors.Select(t => t == tensor ? t with { Shape = [.. t.Shape, 1] } : t), "where the config demands");
            Refused(tensors.Select(t => t == tensor ? t with { Shape = [.. t.Shape[..^1], t.Shape[^1] + 1], Bytes = new byte[t.Shape.Aggregate(2L, (a, b) => a * (b == t.Shape[^1] ? b + 1 : b))] } : t), "");
            Refused(tensors.Select(t => t == tensor ? t with { DType = "I16" } : t), $"Tensor '{spec.Name}' has dtype I16");
        }

        void Refused(IEnumerable<CraftedTensor> tensors, string reason)
        {
            folder.WriteBytes("model.safetensors", SafetensorsWriter.File(tensors));
            Assert.That(Assert.Throws<ModelFormatException>(() => folder.Open().Dispose())!.Message, Does.Contain(reason));
        }
    }

    [Test]
    public void ExtraTensorsAreListedAndHarmlessOnesAreNot()
    {
        JsonObject json = ModelFolder.SmallConfig();
        json["tie_word_embeddings"] = true;
        using var folder = new ModelFolder(json);
        ModelConfig config;
        using (ModelDirectory model = folder.Open()) config = model.Config;
        folder.WriteBytes("model.safetensors", SafetensorsWriter.File([.. ModelFolder.Tensors(config),
            new CraftedTensor("model.layers.0.self_attn.rotary_emb.inv_freq", "F32", [2], new byte[8]),
            new CraftedTensor("lm_head.weight", "BF16", [10, 8], new byte[160]),
            new CraftedTensor("classifier.weight", "I64", [1], new byte[8]),
            new CraftedTensor("a.scalar", "F32", [], new byte[4])]));
        using ModelDirectory extra = folder.Open();
        Assert.That(extra.ExtraTensors, Is.EqualTo(new[] { "a.scalar", "classifier.weight" }));
        Assert.Throws<ModelFormatException>(() => extra.Tensor("classifier.weight"));
    }

    [Test]
    public void GenerationConfigDecidesTheEndTokens()
    {
        using var folder = new ModelFolder(ModelFolder.SmallConfig());
        folder.WriteText("generation_config.json", """{"eos_token_id":[7,3,7],"bos_token_id":1,"do_sample":true,"temperature":0.6,"top_p":0.9,"top_k":20}""");
        using ModelDirectory model = folder.Open();
        Assert.That(model.Config.EndTokens, Is.EqualTo(new[] { 3, 7 }));
        Assert.That(model.Config.BeginToken, Is.EqualTo(1));
        Assert.That(model.Generation, Is.EqualTo(new GenerationDefaults { Sample = true, Temperature = 0.6, TopP = 0.9, TopK = 20 }));
        folder.WriteText("generation_config.json", """{"eos_token_id":10}""");
        Assert.That(Assert.Throws<ModelFormatException>(() => folder.Open())!.Message, Does.Contain("eos_token_id is 10"));
    }

    [Test]
    public void ATokenizerFileIsBoundByItsDigest()
    {
        using var folder = new ModelFolder(ModelFolder.SmallConfig());
        folder.WriteText("tokenizer.json", "{}");
        using ModelDirectory model = folder.Open();
        Assert.That(model.Config.Tokenizer, Is.EqualTo(new TokenizerIdentity(TokenizerKind.File, new Digest(SHA256.HashData("{}"u8)))));
    }

    [Test]
    public void MissingFilesAreNamed()
    {
        Assert.Throws<DirectoryNotFoundException>(() => ModelDirectory.Open(Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"))));
        using var folder = new ModelFolder(ModelFolder.SmallConfig());
        folder.Delete("model.safetensors");
        Assert.That(Assert.Throws<ModelFormatException>(() => folder.Open())!.Message, Does.StartWith("model.safetensors:"));
        folder.WriteBytes("model.safetensors", []);
        Assert.That(Assert.Throws<ModelFormatException>(() => folder.Open())!.Message, Does.Contain("empty"));
        folder.WriteBytes("model.safetensors", [1, 2, 3]);
        Assert.That(Assert.Throws<ModelFormatException>(() => folder.Open())!.Message, Does.Contain("too short"));
        folder.Delete("config.json");
        Assert.That(Assert.Throws<ModelFormatException>(() => folder.Open())!.Message, Does.StartWith("config.json:"));
    }

    [Test]
    public void ALayerCostsItsOwnPages()
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("Which pages of a file are mapped in is read from /proc/self/smaps.");
        JsonObject json = ModelFolder.SmallConfig();
        (json["hidden_size"], json["head_dim"], json["intermediate_size"], json["num_hidden_layers"]) = (512, 256, 2048, 8);
        using var folder = new ModelFolder(json);
        string path = Path.Combine(folder.Folder, "model.safetensors");
        using ModelDirectory model = folder.Open();
        long opened = Resident(path), layer = 0;
        int sum = 0;
        foreach (TensorSpec spec in TensorNames.LayerTensors(model.Config, 3))
        {
            foreach (byte b in model.Tensor(spec.Name).ReadRows(0, spec.Rows)) sum += b;
            layer += (long)spec.Rows * spec.Columns * 2;
        }
        Assert.That(sum, Is.Not.Zero);
        // The kernel maps neighbouring pages in with each one that is touched, up to a huge page.
        const long Around = 2 * (2 << 20);
        Assert.That(opened, Is.LessThanOrEqualTo(Around));
        Assert.That(Resident(path), Is.InRange(layer, layer + opened + Around));
        Assert.That(new FileInfo(path).Length, Is.GreaterThan(7 * layer), "the file has far more");
    }

    /// <summary>Bytes of a mapped file that this process has touched.</summary>
    private static long Resident(string path)
    {
        string[] lines = File.ReadAllLines("/proc/self/smaps");
        long kilobytes = 0;
        for (int i = 0; i < lines.Length; i++)
        {
            if (!lines[i].EndsWith(path, StringComparison.Ordinal)) continue;
            string resident = lines.Skip(i).First(l => l.StartsWith("Rss:", StringComparison.Ordinal));
            kilobytes += long.Parse(resident.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture);
        }
        return kilobytes * 1024;
    }

    private static string Shard(ModelFolder folder, ModelConfig config)
    {
        folder.WriteText("config.json", folder.Config.ToJsonString());
        List<CraftedTensor> tensors = ModelFolder.Tensors(config);
        var map = new JsonObject();
        for (int i = 0; i < tensors.Count; i++) map[tensors[i].Name] = i % 2 == 0 ? "a.safetensors" : "b.safetensors";
        folder.WriteBytes("a.safetensors", SafetensorsWriter.File(tensors.Where((_, i) => i % 2 == 0)));
        folder.WriteBytes("b.safetensors", SafetensorsWriter.File(tensors.Where((_, i) => i % 2 == 1)));
        string index = new JsonObject { ["metadata"] = new JsonObject { ["total_size"] = 1 }, ["weight_map"] = map }.ToJsonString();
        folder.WriteText("model.safetensors.index.json", index);
        return index;
    }
}
