using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using NUnit.Framework;
using Ogong.Bytes;
using Ogong.Compute;
using Ogong.Models;
using Ogong.Tests.Kernels;

namespace Ogong.Tests.Models.Gguf;

/// <summary>
/// Models written and read again. The roots and files of kjv-0.9m were confirmed by a separate program, which reads both formats, permutes,
/// quantises and hashes on its own.
/// </summary>
[Parallelizable(ParallelScope.All)]
internal sealed class GgufWriterTests
{
    [TestCase(ElementType.F32, "aeeebbf3e94936675372e0471d4d7616bbfe2e1b61792ac23b07fabd5de2e07b", "b8b5d8c5a91d5b4661f0c161e937b4df8bafa59ac96f3d3e01b3e0e3efbda6dd")]
    [TestCase(ElementType.F16, "74e6ee294461d0c378223b8270d932fa0918787d2099bbbe8e8963afc3aed285", "42532ec86be3f8cbcce7f1735ef81c3562c1dddd30266b7209e9f13f7ccb04f5")]
    [TestCase(ElementType.BF16, "d1743d7866dca736d09185d42c9b480c429972c1f3d95699a6cdc161dc4b7d67", "2953ef73eac17a04b54a54e2d97867e58e219f08a36015c4927956350181b2db")]
    [TestCase(ElementType.Q8_0, "40df3aa2ca203897017d8159e09d016b3f7c26b7ee505c675844768cc84742f0", "b452099acae139efa05bcebb24f9cfa339af24926351f2c165933b7ffdfd59b2")]
    [TestCase(ElementType.Q4_0, "9090713c5a7c7e54a7612f7a7fda491ad79ce96043ef8fd227ed9761a91eb394", "dbbf40a232db28a70d8b518c2571f12f5276a63d8cb7d3be11b2e471fdb88320")]
    public void The_shipped_model_in_every_type(ElementType type, string root, string file)
    {
        using var original = StoredModel.Open(Repository.Model("kjv-0.9m"));
        using GgufTempFile written = new();
        GgufWriter.Write(original, type, written.FilePath);
        using var model = GgufModel.Open(written.FilePath);
        Assert.That(ModelManifest.Compute(model).ModelRoot.ToString(), Is.EqualTo(root));
        Assert.That(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(written.FilePath))), Is.EqualTo(file));
        Assert.That(model.OpenTokenizer(), Is.SameAs(Tokenizer.Bytes));
    }

    [Test]
    public void The_same_model_has_the_same_root_in_either_format([Values("llama", "llama3", "mistral", "qwen2", "qwen3")] string name)
    {
        using var original = StoredModel.Open(Repository.Vector("golden", name));
        using GgufTempFile written = new(), again = new();
        GgufWriter.Write(original, ElementType.BF16, written.FilePath);
        using var model = GgufModel.Open(written.FilePath);
        ModelManifest before = ModelManifest.Compute(original), after = ModelManifest.Compute(model);
        Assert.That(after.ModelRoot, Is.EqualTo(before.ModelRoot));
        Assert.That(after.Encode(), Is.EqualTo(before.Encode()));
        GgufWriter.Write(model, ElementType.BF16, again.FilePath); // from GGUF to GGUF, byte for byte
        Assert.That(File.ReadAllBytes(again.FilePath), Is.EqualTo(File.ReadAllBytes(written.FilePath)));
    }

    [Test]
    public void A_quantised_model_is_another_product_and_a_tensor_of_it_is_what_its_rows_round_to([Values(ElementType.Q8_0, ElementType.Q4_0)] ElementType type)
    {
        using var original = StoredModel.Open(Repository.Model("kjv-0.9m"));
        using GgufTempFile written = new();
        GgufWriter.Write(original, type, written.FilePath);
        using var model = GgufModel.Open(written.FilePath);
        foreach (string name in (string[])[TensorNames.Key(2), TensorNames.Down(4), TensorNames.Embedding])
        {
            ITensorSource before = original.Tensor(name), after = model.Tensor(name);
            float[] values = new float[before.Columns];
            byte[] rounded = new byte[type.RowBytes(before.Columns)];
            for (int row = 0; row < before.Rows; row++)
            {
                ElementStorage.Widen(before.Type, before.ReadRows(row, 1), values);
                ElementStorage.Round(type, values, rounded);
                Assert.That(after.ReadRows(row, 1).SequenceEqual(rounded), $"{name} row {row}");
            }
        }
        ITensorSource norm = model.Tensor(TensorNames.InputNorm(0));
        Assert.That((norm.Type, norm.ReadRows(0, 1).ToArray()), Is.EqualTo((ElementType.BF16, original.Tensor(norm.Name).ReadRows(0, 1).ToArray())));
    }

    [Test]
    public void What_the_standard_keys_cannot_say_comes_back_exactly()
    {
        using var folder = new ModelFolder(ModelFolder.SmallConfig(), write: false);
        folder.Config["rope_theta"] = 123456.789; // no binary32
        folder.Config["eos_token_id"] = new System.Text.Json.Nodes.JsonArray(2, 3, 5, 7); // one more than there are keys
        folder.Write();
        WithElement(folder, TensorNames.Up(1), 2, 3, 0x4000);
        folder.WriteText("tokenizer.json", """{"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"use_regex":true},"decoder":{"type":"ByteLevel"},"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}}""");
        using StoredModel original = folder.Open();
        using GgufTempFile written = new();
        GgufWriter.Write(original, ElementType.BF16, written.FilePath);
        using var model = GgufModel.Open(written.FilePath);
        Assert.That(model.Config.RopeTheta, Is.EqualTo(123456.789));
        Assert.That(model.Config.EndTokens, Is.EqualTo((int[])[2, 3, 5, 7]));
        Assert.That(model.Config.Tokenizer, Is.EqualTo(original.Config.Tokenizer));
        Assert.That(ModelManifest.Compute(model).ModelRoot, Is.EqualTo(ModelManifest.Compute(original).ModelRoot));
        Assert.That(model.OpenTokenizer()!.Encode("ab"), Is.EqualTo((int[])[2]));

        folder.WriteText("tokenizer.json", "{}");
        Assert.That(() => GgufWriter.Write(original, ElementType.BF16, written.FilePath), Throws.TypeOf<ModelFormatException>().With.Message.Contains("has changed since"));
    }

    [Test]
    public void A_file_of_another_program_keeps_its_tokenizer_and_its_product()
    {
        var builder = GgufBuilder.Small(matrices: ElementType.F32);
        builder.Set("tokenizer.ggml.model", "gpt2");
        builder.Set("tokenizer.ggml.tokens", (string[])["a", "b"]);
        builder.Set("tokenizer.ggml.eos_token_id", 9ul); // of another width than ours: still the same key
        foreach (GgufBuilder.RawTensor tensor in builder.Tensors.Where(static t => t.Dimensions.Length == 2)) // finite values
            for (int i = 3; i < tensor.Data.Length; i += 4) tensor.Data[i] = 0x3F;
        using GgufTempFile foreign = new(builder.Build()), written = new();
        using var original = GgufModel.Open(foreign.FilePath);
        GgufWriter.Write(original, ElementType.F32, written.FilePath);
        using var model = GgufModel.Open(written.FilePath);
        Assert.That(ModelManifest.Compute(model).ModelRoot, Is.EqualTo(ModelManifest.Compute(original).ModelRoot));
        Assert.That(model.Config.Tokenizer, Is.EqualTo(original.Config.Tokenizer));
    }

    [Test]
    public void K_quants_are_widened_into_what_can_be_written([Values(ElementType.Q4_K, ElementType.Q6_K)] ElementType type)
    {
        var builder = GgufBuilder.Small(matrices: type, hidden: 256);
        foreach (GgufBuilder.RawTensor tensor in builder.Tensors.Where(static t => t.Dimensions.Length == 2)) MakeScalesSmall(tensor.Data, type);
        using GgufTempFile foreign = new(builder.Build()), written = new();
        using var original = GgufModel.Open(foreign.FilePath);
        GgufWriter.Write(original, ElementType.F32, written.FilePath);
        using var model = GgufModel.Open(written.FilePath);
        ITensorSource before = original.Tensor(TensorNames.Query(1)), after = model.Tensor(TensorNames.Query(1));
        float[] values = new float[256], read = new float[256];
        for (int row = 0; row < 256; row++)
        {
            ElementStorage.Widen(type, before.ReadRows(row, 1), values);
            ElementStorage.Widen(ElementType.F32, after.ReadRows(row, 1), read);
            Assert.That(read, Is.EqualTo(values));
        }
    }

    [Test]
    public void A_model_is_stored_as_K_quants_and_where_rows_do_not_fit_as_asked([Values(ElementType.Q4_K, ElementType.Q6_K)] ElementType type)
    {
        // 256 wide, but the feed-forward layer reads rows of 320.
        var builder = GgufBuilder.Small(matrices: ElementType.F32, hidden: 256, intermediate: 320);
        var inputs = new Inputs(1);
        foreach (GgufBuilder.RawTensor tensor in builder.Tensors.Where(static t => t.Dimensions.Length == 2))
            MemoryMarshal.AsBytes<float>(inputs.Tame(tensor.Data.Length / 4)).CopyTo(tensor.Data);
        using GgufTempFile foreign = new(builder.Build()), written = new();
        using var original = GgufModel.Open(foreign.FilePath);
        Assert.That(() => GgufWriter.Write(original, type, written.FilePath), Throws.TypeOf<ModelFormatException>()
            .With.Message.Contains($"Tensor model.layers.0.mlp.down_proj.weight has rows of 320 elements, no whole number of {type} blocks of 256"));
        GgufWriter.Write(original, type, written.FilePath, ElementType.Q8_0);
        using var model = GgufModel.Open(written.FilePath);
        Assert.That((model.Tensor(TensorNames.Up(0)).Type, model.Tensor(TensorNames.Down(0)).Type), Is.EqualTo((type, ElementType.Q8_0)));
        Assert.That(ModelManifest.Compute(model).ModelRoot, Is.EqualTo(ModelManifest.Compute(SubstitutedWeights.WithMatricesAs(original, type, ElementType.Q8_0)).ModelRoot), "as made in memory");
        Assert.Throws<ModelFormatException>(() => SubstitutedWeights.WithMatricesAs(original, type));
        Assert.Throws<ArgumentOutOfRangeException>(() => GgufWriter.Write(original, type, written.FilePath, ElementType.I8_256));
    }

    [TestCase(ElementType.Q6_K, "rows of 8 elements, no whole number of Q8_0 blocks of 32", ElementType.Q8_0)]
    [TestCase(ElementType.Q8_0, "rows of 8 elements, no whole number of Q8_0 blocks of 32")]
    [TestCase(ElementType.Q4_0, "rows of 8 elements, no whole number of Q4_0 blocks of 32")]
    [TestCase(ElementType.Q4_K, "Tensor model.embed_tokens.weight has rows of 8 elements, no whole number of Q4_K blocks of 256")]
    [TestCase(ElementType.F16, "model.layers.1.mlp.up_proj.weight is too large for F16 at row 2, column 3")]
    public void What_cannot_be_stored_is_named_and_leaves_no_file(ElementType type, string message, ElementType? otherwise = null)
    {
        using var folder = new ModelFolder(ModelFolder.SmallConfig());
        WithElement(folder, TensorNames.Up(1), 2, 3, 0x4780); // 65536
        using StoredModel model = folder.Open();
        string path = Path.Combine(folder.Folder, "x.gguf");
        Assert.That(() => GgufWriter.Write(model, type, path, otherwise), Throws.TypeOf<ModelFormatException>().With.Message.Contains(message));
        Assert.That(Directory.GetFiles(folder.Folder, "x.gguf*"), Is.Empty);
    }

    [Test]
    public void A_weight_that_is_not_finite_is_named()
    {
        using var folder = new ModelFolder(ModelFolder.SmallConfig());
        WithElement(folder, TensorNames.Query(0), 5, 1, 0x7FC0);
        using StoredModel model = folder.Open();
        Assert.That(() => GgufWriter.Write(model, ElementType.BF16, Path.Combine(folder.Folder, "x.gguf")),
            Throws.TypeOf<ModelFormatException>().With.Message.Contains("model.layers.0.self_attn.q_proj.weight is not finite at row 5, column 1"));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => GgufWriter.Write(model, ElementType.BF16, Path.Combine(folder.Folder, "x.gguf"), cancellationToken: cancelled.Token));
    }

    /// <summary>The small model with ones, but for one element's bits.</summary>
    private static void WithElement(ModelFolder folder, string name, int row, int column, ushort bits)
    {
        ModelConfig config = ConfigReader.Parse(System.Text.Encoding.UTF8.GetBytes(folder.Config.ToJsonString()), "config.json");
        List<CraftedTensor> tensors = ModelFolder.Tensors(config);
        foreach (CraftedTensor tensor in tensors)
            for (int i = 0; i < tensor.Bytes.Length; i += 2) BinaryPrimitives.WriteUInt16LittleEndian(tensor.Bytes.AsSpan(i), 0x3F80);
        CraftedTensor target = tensors.Single(t => t.Name == name);
        BinaryPrimitives.WriteUInt16LittleEndian(target.Bytes.AsSpan((int)(2 * ((row * target.Shape[^1]) + column))), bits);
        folder.WriteBytes("model.safetensors", SafetensorsWriter.File(tensors));
    }

    private static void MakeScalesSmall(byte[] blocks, ElementType type)
    {
        for (int block = 0; block < blocks.Length; block += type.BlockBytes())
            foreach (int offset in type == ElementType.Q4_K ? (int[])[0, 2] : [208]) blocks[block + offset + 1] = 0x20;
    }
}
