using NUnit.Framework;
using Ogong.Bytes;
using Ogong.Models;

namespace Ogong.Tests.Models.Gguf;

/// <summary>What is wrong with a file is said, by key or tensor.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class GgufRefusalTests
{
    private const string Up = "blk.1.ffn_up.weight";

    private static IEnumerable<TestCaseData> Files()
    {
        static TestCaseData Case(string message, Action<GgufBuilder> change) => new TestCaseData(change, message).SetArgDisplayNames(message);

        // The header
        yield return Case("version 1 of GGUF; 2 and 3 are supported", static b => b.Version = 1);
        yield return Case("big-endian, which is not supported", static b => b.Version = 0x03000000);
        yield return Case("general.alignment is 48; a power of two", static b => b.Set("general.alignment", 48u));
        yield return Case("general.alignment is 0, outside", static b => b.Set("general.alignment", 0u));
        yield return Case("Key 'general.name' appears twice", static b => b.Metadata.Add(b.Metadata[1]));
        yield return Case("A key of 0 bytes", static b => b.Set("", 1u));
        yield return Case("A key of 65536 bytes", static b => b.Set(new string('k', 65536), 1u));
        yield return Case("is not printable ASCII", static b => b.Set("na\u00efve", 1u));
        yield return Case("a.b has the unknown value type 13", static b => b.Set("a.b", (byte[])[13, 0, 0, 0]));
        yield return Case("a.b claims 1152921504606846976 elements", static b => b.Set("a.b", (byte[])[9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16]));
        yield return Case("a.b nests arrays more than 4 deep", static b => b.Set("a.b", (byte[])[9, 0, 0, 0, .. Nest(5)]));
        yield return Case("in the middle of something", static b => b.Set("a.b", (byte[])[8, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 127]));
        yield return Case("a.b holds a truth value that is neither 0 nor 1", static b => b.Set("a.b", (byte[])[7, 0, 0, 0, 2]));

        // Tensors
        yield return Case($"Tensor '{Up}' appears twice", static b => b.Tensors.Add(b.Tensors.Single(t => t.Name == Up)));
        yield return Case("A tensor's name of 65 bytes", static b => b.Change(Up, t => t with { Name = new string('t', 65) }));
        yield return Case($"Tensor '{Up}' has 5 dimensions", static b => b.Change(Up, t => t with { Dimensions = [32, 32, 1, 1, 1] }));
        yield return Case($"Tensor '{Up}' has a dimension of 0 elements", static b => b.Change(Up, t => t with { Dimensions = [32, 0] }));
        yield return Case($"Tensor '{Up}' has a dimension of 1073741824 elements, or more", static b => b.Change(Up, t => t with { Dimensions = [1 << 30, 1 << 30, 1 << 30] }));
        yield return Case($"Tensor '{Up}' ends past the end", static b => b.Change(Up, t => t with { Dimensions = [1 << 30, 1 << 30] }));
        yield return Case($"Tensor '{Up}' has the type Q5_K, which is not supported", static b => b.Change(Up, t => t with { Type = 13 }));
        yield return Case($"Tensor '{Up}' has the type number 4711, which is not supported", static b => b.Change(Up, t => t with { Type = 4711 }));
        yield return Case($"Tensor '{Up}' has rows of 32 elements, no whole number of Q6_K blocks of 256", static b => b.Change(Up, t => t with { Type = 14 }));
        yield return Case($"Tensor '{Up}' begins at byte 32 of the data where", static b => b.Change(Up, t => t with { Offset = 32 }));
        yield return Case("begins at byte 18446744073709551584 of the data", static b => b.Change("output_norm.weight", t => t with { Offset = ulong.MaxValue - 31 }));
        yield return Case("begins at byte", static b => b.Change(Up, t => t with { Dimensions = [32, 16] })); // leaves a hole
        yield return Case("bytes at the end belong to no tensor", static b => b.Change("output_norm.weight", t => t with { Data = [.. t.Data, .. new byte[64]] }));
        yield return Case($"Tensor {Up} is missing", static b => b.Tensors.RemoveAll(t => t.Name == Up));
        yield return Case("Tensor token_embd.weight is missing", static b => b.Tensors.RemoveAt(0));
        yield return Case("Tensor token_embd.weight has shape [320]; a matrix", static b => b.Change("token_embd.weight", t => t with { Dimensions = [320] }));
        yield return Case($"Tensor {Up} has shape [16, 64] where the metadata demands [32, 32]", static b => b.Change(Up, t => t with { Dimensions = [64, 16] }));
        yield return Case("Tensor output_norm.weight has shape [1, 32] where the metadata demands [32]", static b => b.Change("output_norm.weight", t => t with { Dimensions = [32, 1] }));
        yield return Case("Tensor output_norm.weight is a vector of type Q8_0", static b => b.Change("output_norm.weight", t => t with { Type = 8, Data = new byte[34] }));
        yield return Case("Tensor 'blk.0.attn_q.bias' is not one that the architecture has", static b => b.Tensors.Add(new("blk.0.attn_q.bias", [32], 0, new byte[128])));
        yield return Case("Tensor rope_freqs.weight is no F32 vector", static b => b.Tensors.Add(new("rope_freqs.weight", [8], 1, new byte[16])));

        // Keys
        yield return Case("general.architecture is missing", static b => b.Remove("general.architecture"));
        yield return Case("general.architecture is 'gemma', which is not supported; llama, qwen2 and qwen3 are", static b => b.Set("general.architecture", "gemma"));
        yield return Case("general.architecture is not a string", static b => b.Set("general.architecture", 1u));
        yield return Case("general.architecture is not valid UTF-8", static b => b.Set("general.architecture", (byte[])[8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0xFF]));
        yield return Case("general.type is 'adapter'; only a model is supported", static b => b.Set("general.type", "adapter"));
        yield return Case("split.count says that the model is in several files", static b => b.Set("split.count", 3u));
        yield return Case("llama.attention.logit_softcapping is not supported", static b => b.Set("llama.attention.logit_softcapping", 30f));
        yield return Case("llama.expert_count asks for experts", static b => b.Set("llama.expert_count", 8u));
        yield return Case("llama.use_parallel_residual is not supported", static b => b.Set("llama.use_parallel_residual", true));
        yield return Case("llama.use_parallel_residual is not true or false", static b => b.Set("llama.use_parallel_residual", 1u));
        yield return Case("llama.attention.causal is false", static b => b.Set("llama.attention.causal", false));
        yield return Case("llama.tensor_data_layout 'reference' is not supported", static b => b.Set("llama.tensor_data_layout", "reference"));
        yield return Case("llama.block_count is missing", static b => b.Remove("llama.block_count"));
        yield return Case("llama.block_count is 0, outside [1, 4096]", static b => b.Set("llama.block_count", 0u));
        yield return Case("llama.block_count is not an integer", static b => b.Set("llama.block_count", 2f));
        yield return Case("llama.feed_forward_length is a list where one number is supported", static b => b.Set("llama.feed_forward_length", (int[])[32, 32]));
        yield return Case("llama.context_length is 18446744073709551615, outside", static b => b.Set("llama.context_length", ulong.MaxValue));
        yield return Case("llama.attention.head_count_kv (3) does not divide", static b => b.Set("llama.attention.head_count_kv", 3u));
        yield return Case("llama.embedding_length (32) is not a multiple of", static b => b.Set("llama.attention.head_count", 3u));
        yield return Case("llama.attention.key_length makes heads of 15", static b => b.Set("llama.attention.key_length", 15u));
        yield return Case("llama.attention.value_length (8) differs from the 16 of a head", static b => b.Set("llama.attention.value_length", 8u));
        yield return Case("llama.rope.dimension_count (8) differs from the 16 of a head", static b => b.Set("llama.rope.dimension_count", 8u));
        yield return Case("llama.vocab_size is 11, and token_embd.weight has 10 rows", static b => b.Set("llama.vocab_size", 11u));
        yield return Case("llama.attention.layer_norm_rms_epsilon is missing", static b => b.Remove("llama.attention.layer_norm_rms_epsilon"));
        yield return Case("llama.attention.layer_norm_rms_epsilon is zero", static b => b.Set("llama.attention.layer_norm_rms_epsilon", 0f));
        yield return Case("llama.attention.layer_norm_rms_epsilon is not a number", static b => b.Set("llama.attention.layer_norm_rms_epsilon", 1u));
        yield return Case("llama.rope.freq_base is NaN, outside", static b => b.Set("llama.rope.freq_base", double.NaN));
        yield return Case("llama.rope.scaling.type 'yarn' is not supported", static b => b.Set("llama.rope.scaling.type", "yarn"));
        yield return Case("llama.rope.scaling.factor other than 1 is not supported", static b => b.Set("llama.rope.scaling.factor", 4f));
        yield return Case("tokenizer.ggml.eot_token_id is 10, outside [0, 9]", static b => b.Set("tokenizer.ggml.eot_token_id", 10));

        yield return Case("general.architecture has a text of 65537 bytes, more than the 65536 allowed", static b => b.Set("general.architecture", new string('a', 65537)));

        // Keys of ours
        yield return Case("ogong.config is no config", static b => b.Set("ogong.config", Bytes([1, 2, 3])));
        yield return Case("ogong.config is not a list of bytes", static b => b.Set("ogong.config", "1"));
        yield return Case("ogong.config differs from what the standard keys and tensors state", static b => b.Set("ogong.config", Bytes(Config(b, static c => c with { RopeTheta = 10000 }))));
        yield return Case("ogong.config differs from what the standard keys and tensors state", static b => b.Set("ogong.config", Bytes(Config(b, static c => c with { EndTokens = [2] }))));
        yield return Case("ogong.config has a RoPE scaling that is not that of rope_freqs.weight", static b => b.Set("ogong.config", Bytes(Config(b, static c => c with { RopeScaling = new Llama3RopeScaling(8, 1, 4, 64) }))));
        yield return Case("ogong.vector_types names 3 types for 5 vectors", static b => b.Set("ogong.vector_types", Bytes([1, 1, 1])));
        yield return Case("ogong.vector_types names the type 3; 0, 1 and 2", static b => b.Set("ogong.vector_types", Bytes([0, 0, 0, 0, 3])));
        yield return Case("output_norm.weight is of type F16, and said to have been BF16; only F32", static b =>
        {
            b.Set("ogong.vector_types", Bytes([0, 0, 0, 0, 2]));
            b.Change("output_norm.weight", t => t with { Type = 1, Data = new byte[64] });
        });
    }

    [TestCaseSource(nameof(Files))]
    public void A_file_is_refused_by_name(Action<GgufBuilder> change, string message)
    {
        var builder = GgufBuilder.Small();
        change(builder);
        using GgufTempFile file = new(builder.Build());
        Assert.That(() => GgufModel.Open(file.FilePath), Throws.TypeOf<ModelFormatException>().With.Message.Contains(message).And.Property("File").EqualTo(file.FilePath));
    }

    [Test]
    public void Counts_beyond_the_file_and_files_that_are_none_are_refused()
    {
        byte[] valid = GgufBuilder.Small().Build();
        foreach ((int at, byte[] bytes, string message) in (ReadOnlySpan<(int, byte[], string)>)[
            (0, [.. "GGUG"u8], "does not begin with 'GGUF'"),
            (8, BitConverter.GetBytes(1UL << 40), "claims 1099511627776 tensors"),
            (16, BitConverter.GetBytes(ulong.MaxValue), "and 18446744073709551615 keys, more than the 65536 allowed"),
            (8, BitConverter.GetBytes(60000UL), "")])
        {
            byte[] wrong = [.. valid];
            bytes.CopyTo(wrong, at);
            Assert.That(() => GgufHeader.Parse(wrong, wrong.Length, "m"), Throws.TypeOf<ModelFormatException>().With.Message.Contains(message));
        }
        for (int length = 0; length < valid.Length; length += length < 2000 ? 1 : 97) // every header cut short, and most of the data
            Assert.That(() => GgufHeader.Parse(valid.AsSpan(0, length).ToArray(), length, "m"), Throws.TypeOf<ModelFormatException>(), $"{length} bytes");
        using GgufTempFile empty = new([]);
        Assert.That(() => GgufModel.Open(empty.FilePath), Throws.TypeOf<ModelFormatException>());
        Assert.That(() => GgufHeader.Parse(valid[..^1], valid.Length - 1, "m"), Throws.TypeOf<ModelFormatException>().With.Message.Contains("'output_norm.weight' ends past the end"));
        Assert.That(() => StoredModel.Open(empty.FilePath + ".absent"), Throws.TypeOf<FileNotFoundException>().With.Message.Contains("no folder or file"));
    }

    [Test]
    public void A_list_of_texts_is_bounded_before_one_is_decoded()
    {
        var values = new Dictionary<string, GgufValue> { ["tokens"] = new(GgufValueType.Array, GgufValueType.String, 1, 0, GgufMetadata.MaxListBytes + 1) };
        Assert.That(() => new GgufMetadata(values, [], "m").Strings("tokens", 10), Throws.TypeOf<ModelFormatException>().With.Message.Contains("tokens takes 67108865 bytes"));
    }

    [Test]
    public void A_vector_that_never_was_of_the_type_it_is_said_to_be_is_refused_when_it_is_read()
    {
        var builder = GgufBuilder.Small();
        builder.Set("ogong.vector_types", Bytes([0, 0, 0, 0, 2]));
        using GgufTempFile file = new(builder.Build());
        using var model = GgufModel.Open(file.FilePath);
        Assert.That(() => ModelManifest.Compute(model), Throws.TypeOf<ModelFormatException>().With.Message.Contains("model.norm.weight is said to have been BF16, but its element"));
    }

    private static byte[] Nest(int depth) => depth == 0 ? [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] : [9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, .. Nest(depth - 1)];

    private static byte[] Bytes(byte[] bytes) => [9, 0, 0, 0, 0, 0, 0, 0, .. BitConverter.GetBytes((ulong)bytes.Length), .. bytes];

    /// <summary>The canonical config of what a builder makes, changed.</summary>
    private static byte[] Config(GgufBuilder builder, Func<ModelConfig, ModelConfig> change)
    {
        using GgufTempFile file = new(builder.Build());
        using var model = GgufModel.Open(file.FilePath);
        var writer = new ByteWriter();
        ModelConfigEncoding.Write(writer, change(model.Config));
        return writer.Written.ToArray();
    }
}
