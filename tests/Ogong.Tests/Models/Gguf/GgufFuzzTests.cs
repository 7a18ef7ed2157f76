using NUnit.Framework;
using Ogong.Models;

namespace Ogong.Tests.Models.Gguf;

/// <summary>Mutated and truncated files: a model or <see cref="ModelFormatException"/>, nothing else. Seeded, so a failure repeats.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class GgufFuzzTests
{
    private const int Cases = 100_000;

    [Test]
    public void Headers()
    {
        byte[] whole = Valid();
        int header = (int)GgufHeader.Parse(whole, whole.Length, "m").Tensors[0].Offset, data = whole.Length - header, ok = 0;
        byte[] valid = whole[..header]; // the data's length is all that reading a header needs of them
        Read(valid, data);
        var random = new Random(1);
        for (int i = 0; i < Cases; i++)
        {
            byte[] bytes = Mutate(valid, header, random);
            try
            {
                Read(bytes, data);
                ok++;
            }
            catch (ModelFormatException)
            {
            }
        }
        Assert.That((ok > 100, ok < Cases / 2), Is.EqualTo((true, true)), $"{ok} accepted of {Cases}");
    }

    [Test]
    public void Whole_files()
    {
        byte[] valid = Valid();
        int header = (int)GgufHeader.Parse(valid, valid.Length, "m").Tensors[0].Offset;
        var random = new Random(2);
        using GgufTempFile file = new();
        for (int i = 0; i < 500; i++)
        {
            File.WriteAllBytes(file.FilePath, Mutate(valid, header, random));
            try
            {
                using var model = GgufModel.Open(file.FilePath);
                foreach (TensorSpec spec in TensorNames.All(model.Config)) model.Tensor(spec.Name).ReadRows(0, spec.Rows);
                model.OpenTokenizer();
            }
            catch (ModelFormatException)
            {
            }
        }
    }

    /// <summary>Everything opening reads, from memory; a tokenizer is made of whatever its keys say.</summary>
    private static void Read(byte[] bytes, int data)
    {
        GgufHeader header = GgufHeader.Parse(bytes, bytes.Length + data, "m");
        if (header.Tensors.Any(t => t.Length <= 0 || t.Offset < 24 || t.Offset > bytes.Length + data - t.Length)) Assert.Fail("A tensor lies outside the file.");
        var metadata = new GgufMetadata(header.Metadata, bytes, "m");
        GgufTensor? factors = header.Tensors.FirstOrDefault(static t => t.Name == GgufNames.RopeFactors);
        GgufConfig config = GgufConfig.Read(header, metadata, [.. Enumerable.Repeat(1f, factors is null ? 0 : (int)factors.Shape[^1])]);
        ModelConfigEncoding.Encode(config.Model);
        GgufTokenizer.Open(metadata, config.Model.Tokenizer.Kind, "m");
    }

    private static byte[] Valid()
    {
        var builder = GgufBuilder.Small();
        builder.Set("tokenizer.ggml.model", "gpt2");
        builder.Set("tokenizer.ggml.pre", "default");
        builder.Set("tokenizer.ggml.tokens", (string[])["a", "b", "c", "ab", "abc"]);
        builder.Set("tokenizer.ggml.merges", (string[])["a b", "ab c"]);
        builder.Set("tokenizer.ggml.token_type", (int[])[1, 1, 1, 1, 1]);
        builder.Set("tokenizer.ggml.add_bos_token", true);
        builder.Tensors.Insert(0, new GgufBuilder.RawTensor("rope_freqs.weight", [8], 0, [.. Enumerable.Repeat(1f, 8).SelectMany(BitConverter.GetBytes)]));
        builder.Set("ogong.vector_types", (byte[])[9, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        return builder.Build();
    }

    private static byte[] Mutate(byte[] valid, int header, Random random)
    {
        var bytes = new List<byte>(valid);
        for (int edits = random.Next(1, 4); edits > 0; edits--)
        {
            int at = random.Next(Math.Min(header, bytes.Count)), length = Math.Min(random.Next(1, 24), bytes.Count - at);
            switch (random.Next(7))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: bytes.RemoveRange(at, length); break;
                case 3: bytes.InsertRange(random.Next(Math.Min(header, bytes.Count) + 1), bytes.GetRange(at, length)); break;
                case 4: for (int i = 0; i < Math.Min(8, length); i++) bytes[at + i] = (byte)(random.Next(3) == 0 ? 255 : 0); break;
                case 5: for (int i = 0; i < Math.Min(4, length); i++) bytes[at + i] = i == 0 ? (byte)random.Next(14) : (byte)0; break; // another type or count
                default: if (random.Next(8) == 0) bytes.RemoveRange(at, bytes.Count - at); break;
            }
            if (bytes.Count == 0) break;
        }
        return [.. bytes];
    }
}
