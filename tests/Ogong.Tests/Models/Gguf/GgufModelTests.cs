using NUnit.Framework;
using Ogong.Compute;
using Ogong.Models;

namespace Ogong.Tests.Models.Gguf;

/// <summary>Files as other programs write them.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class GgufModelTests
{
    [TestCase("llama", ModelArchitecture.Llama)]
    [TestCase("qwen2", ModelArchitecture.Qwen2)]
    [TestCase("qwen3", ModelArchitecture.Qwen3)]
    public void Config_and_every_tensor_in_its_own_order_of_rows(string architecture, ModelArchitecture expected)
    {
        var builder = GgufBuilder.Small(architecture, tied: architecture != "qwen2");
        using GgufTempFile file = new(builder.Build());
        using var model = (GgufModel)StoredModel.Open(file.FilePath);
        ModelConfig config = model.Config;
        Assert.That((config.Architecture, config.HiddenSize, config.Layers, config.Heads, config.KvHeads, config.HeadDim), Is.EqualTo((expected, 32, 2, 2, 1, 16)));
        Assert.That((config.IntermediateSize, config.VocabularySize, config.MaxPositions, config.SlidingWindow), Is.EqualTo((32, 10, 64, (int?)null)));
        Assert.That((config.RmsNormEpsilon, config.RopeTheta, config.RopeScaling), Is.EqualTo((1e-5f, 500000.0, (Llama3RopeScaling?)null)));
        Assert.That((config.TiedEmbeddings, config.AttentionBias, config.QkNorm), Is.EqualTo((architecture != "qwen2", architecture == "qwen2", architecture == "qwen3")));
        Assert.That((config.BeginToken, config.EndTokens), Is.EqualTo((1, (int[])[2, 9])));
        Assert.That(TensorNames.All(config).Select(static s => s.Name), Is.EquivalentTo(builder.Expected.Keys));
        foreach ((string name, byte[] bytes) in builder.Expected)
        {
            ITensorSource tensor = model.Tensor(name);
            Assert.That(tensor.ReadRows(0, tensor.Rows).ToArray(), Is.EqualTo(bytes), name);
            for (int row = 0, size = bytes.Length / tensor.Rows; row < tensor.Rows; row++) // any block of rows is the same rows
                Assert.That(tensor.ReadRows(row, 1).SequenceEqual(bytes.AsSpan(row * size, size)), name);
        }
        Assert.That(model.Contains("model.layers.2.mlp.up_proj.weight"), Is.False);
        Assert.Throws<KeyNotFoundException>(() => model.Tensor("lm_tail.weight"));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Tensor(TensorNames.Query(0)).ReadRows(31, 2));
    }

    [Test]
    public void A_window_makes_it_Mistral()
    {
        var builder = GgufBuilder.Small();
        builder.Set("llama.attention.sliding_window", 16u);
        using GgufTempFile file = new(builder.Build());
        using var model = GgufModel.Open(file.FilePath);
        Assert.That((model.Config.Architecture, model.Config.SlidingWindow), Is.EqualTo((ModelArchitecture.Mistral, 16)));
        ITensorSource query = model.Tensor(TensorNames.Query(1));
        Assert.That(query.ReadRows(0, 32).ToArray(), Is.EqualTo(builder.Expected[TensorNames.Query(1)]));
    }

    [Test]
    public void Blocks_keep_their_bytes_in_permuted_rows_too([Values(ElementType.Q8_0, ElementType.Q4_0, ElementType.Q4_K, ElementType.Q6_K, ElementType.BF16, ElementType.F32)] ElementType type)
    {
        var builder = GgufBuilder.Small(matrices: type, hidden: 256);
        using GgufTempFile file = new(builder.Build());
        using var model = GgufModel.Open(file.FilePath);
        ITensorSource key = model.Tensor(TensorNames.Key(1)), up = model.Tensor(TensorNames.Up(0));
        Assert.That((key.Type, key.Rows, key.Columns), Is.EqualTo((type, 128, 256)));
        Assert.That(key.ReadRows(0, 128).ToArray(), Is.EqualTo(builder.Expected[key.Name]));
        Assert.That(up.ReadRows(3, 5).ToArray(), Is.EqualTo(builder.Expected[up.Name][(int)(3 * type.RowBytes(256))..(int)(8 * type.RowBytes(256))]));
    }

    [Test]
    public void Version_2_and_another_alignment_and_nested_arrays_change_nothing()
    {
        var builder = GgufBuilder.Small();
        using GgufTempFile one = new(builder.Build());
        builder.Version = 2;
        builder.Alignment = 128;
        builder.Set("general.alignment", 128u);
        builder.Set("other.nested", (byte[])[9, 0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0]); // [[true, false]]
        using GgufTempFile two = new(builder.Build());
        using GgufModel a = GgufModel.Open(one.FilePath), b = GgufModel.Open(two.FilePath);
        Assert.That(ModelManifest.Compute(b).ModelRoot, Is.EqualTo(ModelManifest.Compute(a).ModelRoot));
    }

    [Test]
    public void The_order_of_the_tensors_is_free_and_the_last_need_not_be_padded()
    {
        var builder = GgufBuilder.Small();
        using GgufTempFile one = new(builder.Build());
        builder.Tensors.Reverse();
        builder.Tensors.Add(builder.Tensors[0]);
        builder.Tensors.RemoveAt(0); // output_norm last: 128 bytes, no padding; then without the padding of another alignment
        using GgufTempFile two = new(builder.Build());
        builder.Alignment = 256;
        builder.Set("general.alignment", 256ul);
        using GgufTempFile three = new(builder.Build()[..^128]);
        using GgufModel a = GgufModel.Open(one.FilePath), b = GgufModel.Open(two.FilePath), c = GgufModel.Open(three.FilePath);
        Assert.That((ModelManifest.Compute(b).ModelRoot, ModelManifest.Compute(c).ModelRoot), Is.EqualTo((ModelManifest.Compute(a).ModelRoot, ModelManifest.Compute(a).ModelRoot)));
    }

    [Test]
    public void The_scaling_of_Llama_3_is_recognised_by_its_divisors()
    {
        // Computed as converters do, by the three cases of the wavelength, in binary32.
        var builder = GgufBuilder.Small(hidden: 256);
        builder.Tensors.Insert(0, new GgufBuilder.RawTensor("rope_freqs.weight", [64], 0, [.. Divisors(32, 1, 4, 8192, 500000, 128).SelectMany(BitConverter.GetBytes)]));
        using GgufTempFile file = new(builder.Build());
        using var model = GgufModel.Open(file.FilePath);
        Assert.That(model.Config.RopeScaling, Is.EqualTo(new Llama3RopeScaling(32, 1, 4, 8192)));

        builder.Tensors[0] = builder.Tensors[0] with { Data = [.. Enumerable.Repeat(1f, 64).SelectMany(BitConverter.GetBytes)] };
        using GgufTempFile ones = new(builder.Build());
        using var plain = GgufModel.Open(ones.FilePath);
        Assert.That(plain.Config.RopeScaling, Is.Null);

        float[] near = Divisors(32, 1, 4, 8192, 500000, 128);
        near[20] *= 1.001f;
        foreach (float[] other in (float[][])[near, Divisors(32, 1, 4, 4096, 500000, 128), Divisors(32, 2, 4, 8192, 500000, 128), Divisors(32, 1, 4, 8192, 10000, 128), [.. Enumerable.Repeat(float.NaN, 64)], new float[64], [8]])
        {
            builder.Tensors[0] = builder.Tensors[0] with { Dimensions = [(ulong)other.Length], Data = [.. other.SelectMany(BitConverter.GetBytes)] };
            using GgufTempFile wrong = new(builder.Build());
            Assert.That(() => GgufModel.Open(wrong.FilePath), Throws.TypeOf<ModelFormatException>().With.Message.Contains("rope_freqs.weight is not the RoPE scaling of Llama 3"));
        }
    }

    [Test]
    public void The_tokenizer_in_the_metadata_is_run_and_bound()
    {
        var builder = GgufBuilder.Small();
        builder.Set("tokenizer.ggml.model", "llama");
        builder.Set("tokenizer.ggml.tokens", (string[])["<unk>", "<s>", "</s>", "\u2581", "a", "b", "ab", "\u2581ab", "<0x0A>", "x"]);
        builder.Set("tokenizer.ggml.scores", (float[])[0, 0, 0, -10, -11, -12, -1, -2, 0, -13]);
        builder.Set("tokenizer.ggml.token_type", (int[])[2, 3, 3, 1, 1, 1, 1, 1, 6, 1]);
        builder.Set("tokenizer.ggml.unknown_token_id", 0u);
        using GgufTempFile file = new(builder.Build());
        using var model = GgufModel.Open(file.FilePath);
        Assert.That(model.Config.Tokenizer.Kind, Is.EqualTo(TokenizerKind.Gguf));
        Tokenizer tokenizer = model.OpenTokenizer()!;
        Assert.That((tokenizer.Encode("ab\n"), tokenizer.Decode([7, 8])), Is.EqualTo(((int[])[1, 7, 8], "ab\n")));

        builder.Set("tokenizer.ggml.scores", (float[])[0, 0, 0, -10, -11, -12, -2, -2, 0, -13]);
        using GgufTempFile other = new(builder.Build());
        using var changed = GgufModel.Open(other.FilePath);
        Assert.That(changed.Config.Tokenizer.Sha256, Is.Not.EqualTo(model.Config.Tokenizer.Sha256));
        Assert.That(ModelManifest.Compute(changed).ModelRoot, Is.Not.EqualTo(ModelManifest.Compute(model).ModelRoot));

        foreach ((string key, object value, string message) in (ReadOnlySpan<(string, object, string)>)[
            ("tokens", 1u, "tokenizer.ggml.tokens is not a list of strings"), ("scores", new int[10], "tokenizer.ggml.scores is not a list of binary32 numbers"),
            ("token_type", new float[10], "tokenizer.ggml.token_type is not a list of integers"), ("token_type", new int[10], "tokenizer.ggml.token_type holds 0, outside [1, 6]"),
            ("scores", new float[(1 << 20) + 1], "tokenizer.ggml.scores holds 1048577 elements, more than the 1048576 allowed")])
        {
            byte[] before = builder.Metadata.Single(pair => pair.Key == "tokenizer.ggml." + key).Value;
            builder.Set("tokenizer.ggml." + key, value);
            using GgufTempFile wrong = new(builder.Build());
            using var refused = GgufModel.Open(wrong.FilePath);
            Assert.That(refused.OpenTokenizer, Throws.TypeOf<ModelFormatException>().With.Message.Contains(message));
            builder.Set("tokenizer.ggml." + key, before);
        }

        builder.Set("tokenizer.ggml.model", "bert");
        using GgufTempFile foreign = new(builder.Build());
        using var unknown = GgufModel.Open(foreign.FilePath); // token ids still are what they are
        Assert.That(unknown.OpenTokenizer, Throws.TypeOf<ModelFormatException>().With.Message.Contains("tokenizer.ggml.model is 'bert', which is not supported"));
    }

    private static float[] Divisors(float factor, float low, float high, float original, float theta, int headDim)
    {
        float[] divisors = new float[headDim / 2];
        for (int i = 0; i < divisors.Length; i++)
        {
            float wavelength = 2 * MathF.PI * MathF.Pow(theta, 2f * i / headDim), smooth = ((original / wavelength) - low) / (high - low);
            divisors[i] = wavelength < original / high ? 1 : wavelength > original / low ? factor : 1 / (((1 - smooth) / factor) + smooth);
        }
        return divisors;
    }
}
