using System.Buffers.Binary;
using System.Text;
using Ogong.Compute;
using Ogong.Models;

namespace Ogong.Tests.Models.Gguf;

/// <summary>
/// Writes GGUF files as other programs do, right or deliberately wrong: the standard keys, Q and K with their rows permuted, vectors in
/// binary32, and nothing of ours.
/// </summary>
internal sealed class GgufBuilder
{

    public uint Version { get; set; } = 3;

    public int Alignment { get; set; } = 32;

    /// <summary>Key, and type and value as the file has them.</summary>
    public List<(string Key, byte[] Value)> Metadata { get; } = [];

    /// <summary>Tensors in the order of the file; dimensions columns first.</summary>
    public List<RawTensor> Tensors { get; } = [];

    /// <summary>The tensors under this library's names: what a reader should find.</summary>
    public Dictionary<string, byte[]> Expected { get; } = new(StringComparer.Ordinal);

    public sealed record RawTensor(string Name, ulong[] Dimensions, uint Type, byte[] Data)
    {
        /// <summary>What to write instead of the offset that fits.</summary>
        public ulong? Offset { get; init; }
    }

    /// <summary>A small model of an architecture.</summary>
    public static GgufBuilder Small(string architecture = "llama", ElementType matrices = ElementType.F16, int hidden = 32, bool tied = true, int? intermediate = null)
    {
        var file = new GgufBuilder();
        file.Set("general.architecture", architecture);
        file.Set("general.name", "small");
        foreach ((string key, uint value) in (ReadOnlySpan<(string, uint)>)[
            ("block_count", 2), ("context_length", 64), ("embedding_length", (uint)hidden), ("feed_forward_length", (uint)(intermediate ?? hidden)),
            ("attention.head_count", 2), ("attention.head_count_kv", 1)]) file.Set($"{architecture}.{key}", value);
        file.Set($"{architecture}.attention.layer_norm_rms_epsilon", 1e-5f);
        file.Set($"{architecture}.rope.freq_base", 500000f);
        file.Set($"{architecture}.rope.dimension_count", (uint)hidden / 2);
        file.Set("tokenizer.ggml.bos_token_id", 1u);
        file.Set("tokenizer.ggml.eos_token_id", 9u);
        file.Set("tokenizer.ggml.eot_token_id", 2);
        var random = new Random(hidden);
        file.AddMatrix("token_embd", TensorNames.Embedding, 10, hidden, matrices, random);
        for (int layer = 0; layer < 2; layer++) file.AddLayer(architecture, layer, hidden, intermediate ?? hidden, matrices, random);
        file.AddVector("output_norm.weight", TensorNames.FinalNorm, hidden, random);
        if (!tied) file.AddMatrix("output", TensorNames.LmHead, 10, hidden, matrices, random);
        return file;
    }

    public void Set(string key, object value)
    {
        byte[] bytes = value switch
        {
            uint v => [4, 0, 0, 0, .. BitConverter.GetBytes(v)],
            int v => [5, 0, 0, 0, .. BitConverter.GetBytes(v)],
            float v => [6, 0, 0, 0, .. BitConverter.GetBytes(v)],
            bool v => [7, 0, 0, 0, v ? (byte)1 : (byte)0],
            string v => [8, 0, 0, 0, .. Text(v)],
            ulong v => [10, 0, 0, 0, .. BitConverter.GetBytes(v)],
            double v => [12, 0, 0, 0, .. BitConverter.GetBytes(v)],
            string[] v => [9, 0, 0, 0, 8, 0, 0, 0, .. BitConverter.GetBytes((ulong)v.Length), .. v.SelectMany(Text)],
            int[] v => [9, 0, 0, 0, 5, 0, 0, 0, .. BitConverter.GetBytes((ulong)v.Length), .. v.SelectMany(BitConverter.GetBytes)],
            float[] v => [9, 0, 0, 0, 6, 0, 0, 0, .. BitConverter.GetBytes((ulong)v.Length), .. v.SelectMany(BitConverter.GetBytes)],
            byte[] raw => raw,
            _ => throw new ArgumentOutOfRangeException(nameof(value)),
        };
        int at = Metadata.FindIndex(pair => pair.Key == key);
        if (at >= 0) Metadata[at] = (key, bytes);
        else Metadata.Add((key, bytes));
    }

    public void Remove(string key) => Metadata.RemoveAll(pair => pair.Key == key);

    /// <summary>Changes the tensor of this name.</summary>
    public void Change(string name, Func<RawTensor, RawTensor> change)
    {
        int at = Tensors.FindIndex(t => t.Name == name);
        Tensors[at] = change(Tensors[at]);
    }

    public byte[] Build()
    {
        using var header = new MemoryStream();
        using var data = new MemoryStream();
        header.Write("GGUF"u8);
        header.Write(BitConverter.GetBytes(Version));
        header.Write(BitConverter.GetBytes((ulong)Tensors.Count));
        header.Write(BitConverter.GetBytes((ulong)Metadata.Count));
        foreach ((string key, byte[] value) in Metadata)
        {
            header.Write(Text(key));
            header.Write(value);
        }
        foreach (RawTensor tensor in Tensors)
        {
            header.Write(Text(tensor.Name));
            header.Write(BitConverter.GetBytes((uint)tensor.Dimensions.Length));
            foreach (ulong dimension in tensor.Dimensions) header.Write(BitConverter.GetBytes(dimension));
            header.Write(BitConverter.GetBytes(tensor.Type));
            header.Write(BitConverter.GetBytes(tensor.Offset ?? (ulong)data.Length));
            data.Write(tensor.Data);
            Pad(data);
        }
        Pad(header);
        return [.. header.ToArray(), .. data.ToArray()];
    }

    /// <summary>Rows as the converter of llama.cpp permutes them: reshape(heads, 2, d/2), swap the last two.</summary>
    public static byte[] Permute(byte[] rows, int count, int heads)
    {
        int rowBytes = rows.Length / count, d = count / heads;
        byte[] permuted = new byte[rows.Length];
        for (int head = 0, target = 0; head < heads; head++)
            for (int pair = 0; pair < d / 2; pair++)
                for (int half = 0; half < 2; half++, target++)
                    rows.AsSpan(((head * d) + (half * d / 2) + pair) * rowBytes, rowBytes).CopyTo(permuted.AsSpan(target * rowBytes));
        return permuted;
    }

    private void AddLayer(string architecture, int layer, int hidden, int intermediate, ElementType type, Random random)
    {
        string p = $"blk.{layer}.";
        AddVector(p + "attn_norm.weight", TensorNames.InputNorm(layer), hidden, random);
        AddMatrix(p + "attn_q", TensorNames.Query(layer), hidden, hidden, type, random, architecture == "llama" ? 2 : 0);
        AddMatrix(p + "attn_k", TensorNames.Key(layer), hidden / 2, hidden, type, random, architecture == "llama" ? 1 : 0);
        AddMatrix(p + "attn_v", TensorNames.Value(layer), hidden / 2, hidden, type, random);
        if (architecture == "qwen2")
        {
            AddVector(p + "attn_q.bias", TensorNames.QueryBias(layer), hidden, random);
            AddVector(p + "attn_k.bias", TensorNames.KeyBias(layer), hidden / 2, random);
            AddVector(p + "attn_v.bias", TensorNames.ValueBias(layer), hidden / 2, random);
        }
        if (architecture == "qwen3")
        {
            AddVector(p + "attn_q_norm.weight", TensorNames.QueryNorm(layer), hidden / 2, random);
            AddVector(p + "attn_k_norm.weight", TensorNames.KeyNorm(layer), hidden / 2, random);
        }
        AddMatrix(p + "attn_output", TensorNames.Output(layer), hidden, hidden, type, random);
        AddVector(p + "ffn_norm.weight", TensorNames.PostAttentionNorm(layer), hidden, random);
        AddMatrix(p + "ffn_gate", TensorNames.Gate(layer), intermediate, hidden, type, random);
        AddMatrix(p + "ffn_up", TensorNames.Up(layer), intermediate, hidden, type, random);
        AddMatrix(p + "ffn_down", TensorNames.Down(layer), hidden, intermediate, type, random);
    }

    private void AddMatrix(string name, string expected, int rows, int columns, ElementType type, Random random, int permutedHeads = 0)
    {
        byte[] bytes = new byte[rows * type.RowBytes(columns)];
        random.NextBytes(bytes);
        Add($"{name}.weight", expected, [(ulong)columns, (ulong)rows], GgmlTypes.Number(type), bytes, permutedHeads == 0 ? bytes : Permute(bytes, rows, permutedHeads));
    }

    private void AddVector(string name, string expected, int length, Random random)
    {
        byte[] bytes = new byte[4 * length];
        for (int i = 0; i < length; i++) BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4 * i), random.NextSingle());
        Add(name, expected, [(ulong)length], 0, bytes, bytes);
    }

    private void Add(string name, string expected, ulong[] dimensions, uint type, byte[] logical, byte[] stored)
    {
        Tensors.Add(new RawTensor(name, dimensions, type, stored));
        Expected[expected] = logical;
    }

    private void Pad(Stream stream) => stream.Write(new byte[(Alignment - (stream.Length % Alignment)) % Alignment]);

    private static byte[] Text(string text) => [.. BitConverter.GetBytes((ulong)Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];
}

/// <summary>A GGUF file that is deleted with its last user.</summary>
internal sealed class GgufTempFile : IDisposable
{
    public GgufTempFile(byte[]? bytes = null)
    {
        if (bytes is not null) File.WriteAllBytes(FilePath, bytes);
    }

    public string FilePath { get; } = Path.Combine(Path.GetTempPath(), $"ogong-{Guid.NewGuid():N}.gguf");

    public void Dispose() => File.Delete(FilePath);
}
