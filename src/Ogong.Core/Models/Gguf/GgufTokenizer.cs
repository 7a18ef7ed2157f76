using System.Security.Cryptography;
using System.Text;
using Ogong.Bytes;

namespace Ogong.Models;

/// <summary>The tokenizer in the metadata of a GGUF file.</summary>
internal static class GgufTokenizer
{
    /// <summary>The whole of <c>tokenizer.json</c>, a standard key.</summary>
    public const string HuggingFaceKey = "tokenizer.huggingface.json";

    /// <summary>The tokenizer's algorithm: <c>gpt2</c>, <c>llama</c>, or <c>none</c> for token ids only.</summary>
    public const string ModelKey = "tokenizer.ggml.model";

    /// <summary>The token that begins a text.</summary>
    public const string BeginKey = "tokenizer.ggml.bos_token_id";

    private const string Prefix = "tokenizer.ggml.";

    private static readonly HashTag s_tag = new("ogong/gguf-tokenizer/1");

    /// <summary>
    /// Which tokenizer the file's model goes with: its <c>tokenizer.json</c> where the file has it, else its <c>tokenizer.ggml</c> keys.
    /// </summary>
    public static TokenizerIdentity Identity(GgufMetadata metadata, int vocabularySize)
    {
        if (metadata.Utf8(HuggingFaceKey, out ReadOnlySpan<byte> json)) return new TokenizerIdentity(TokenizerKind.File, new Digest(SHA256.HashData(json)));
        if (metadata.String(ModelKey) is not (null or "none" or "no_vocab")) return new TokenizerIdentity(TokenizerKind.Gguf, Hash(metadata));
        return vocabularySize == ByteTokenizer.VocabularySize ? TokenizerIdentity.Bytes : TokenizerIdentity.None;
    }

    /// <summary>The tokenizer of the kind that <see cref="Identity"/> found.</summary>
    public static Tokenizer? Open(GgufMetadata metadata, TokenizerKind kind, string file)
    {
        if (kind == TokenizerKind.Gguf) return TokenizerFactory.Create(Parts(metadata), file);
        if (kind != TokenizerKind.File) return kind == TokenizerKind.Bytes ? Tokenizer.Bytes : null;
        metadata.Utf8(HuggingFaceKey, out ReadOnlySpan<byte> json);
        return json.Length <= TokenizerLimits.FileBytes ? TokenizerJson.Parse(json.ToArray(), file)
            : throw metadata.Refuse(HuggingFaceKey, $"has {json.Length} bytes, more than the {TokenizerLimits.FileBytes} allowed.");
    }

    private static TokenizerParts Parts(GgufMetadata metadata) => new()
    {
        Model = metadata.String(ModelKey) switch
        {
            "gpt2" => TokenizerModel.ByteLevelBpe,
            "llama" => TokenizerModel.SentencePieceBpe,
            var other => throw metadata.Refuse(ModelKey, $"is {ModelFormatException.Quote(other!)}, which is not supported; gpt2 and llama are."),
        },
        Tokens = metadata.Strings("tokenizer.ggml.tokens", TokenizerLimits.Tokens) ?? throw metadata.Refuse("tokenizer.ggml.tokens", "is missing."),
        Types = metadata.Ints("tokenizer.ggml.token_type", TokenizerLimits.Tokens, (int)TokenType.Normal, (int)TokenType.Byte),
        Scores = metadata.Singles("tokenizer.ggml.scores", TokenizerLimits.Tokens),
        Merges = metadata.Strings("tokenizer.ggml.merges", TokenizerLimits.Merges),
        PreTokenizer = metadata.String("tokenizer.ggml.pre"),
        BeginToken = metadata.Int(BeginKey, 0, TokenizerLimits.Tokens),
        EndToken = metadata.Int(GgufConfig.EndKeys[0], 0, TokenizerLimits.Tokens),
        UnknownToken = metadata.Int("tokenizer.ggml.unknown_token_id", 0, TokenizerLimits.Tokens),
        AddBegin = metadata.Bool("tokenizer.ggml.add_bos_token"),
        AddEnd = metadata.Bool("tokenizer.ggml.add_eos_token"),
        AddSpacePrefix = metadata.Bool("tokenizer.ggml.add_space_prefix"),
    };

    /// <summary>Writes a model's tokenizer: what the GGUF file it comes from has or had, or its folder's <c>tokenizer.json</c>, whole.</summary>
    public static void Write(GgufHeaderWriter header, StoredModel model)
    {
        if (model is GgufModel gguf)
        {
            Copy(header, gguf.Metadata);
            return;
        }
        if (model.Config.Tokenizer.Kind == TokenizerKind.Gguf)
        {
            Copy(header, GgufTokenizerFile.Open(model.FullPath, model.Config.Tokenizer));
            return;
        }
        header.Add(ModelKey, "none");
        if (model.Config.BeginToken is { } begin) header.Add(BeginKey, begin);
        foreach ((string key, int token) in GgufConfig.EndKeys.Zip(model.Config.EndTokens.Distinct().Order())) header.Add(key, token);
        if (model.Config.Tokenizer.Kind != TokenizerKind.File) return;
        string path = Path.Combine(model.FullPath, "tokenizer.json");
        byte[] json = BoundedFile.Read(path, TokenizerIdentity.MaxFileBytes);
        if (new Digest(SHA256.HashData(json)) != model.Config.Tokenizer.Sha256) throw new ModelFormatException(path, "The file has changed since the model was opened.");
        header.AddUtf8(HuggingFaceKey, json);
    }

    private static void Copy(GgufHeaderWriter header, GgufMetadata metadata)
    {
        foreach (string key in metadata.Keys.Where(static k => k.StartsWith("tokenizer.", StringComparison.Ordinal)))
            header.AddRaw(key, metadata.Value(key), metadata.Raw(metadata.Value(key)));
    }

    /// <summary>
    /// Every <c>tokenizer.ggml</c> key, ascending by bytes: <c>u32 n ‖ n bytes of key ‖ u32 type ‖ u32 element type ‖ u64 elements ‖ u64 m ‖ m
    /// bytes of the value as the file has it</c>.
    /// </summary>
    private static Digest Hash(GgufMetadata metadata)
    {
        using var hasher = new TaggedHasher(s_tag);
        foreach (string key in metadata.Keys.Where(static k => k.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            GgufValue value = metadata.Value(key);
            hasher.Append((uint)key.Length);
            hasher.Append(Encoding.ASCII.GetBytes(key));
            hasher.Append((uint)value.Type);
            hasher.Append((uint)value.Element);
            hasher.Append((ulong)value.Count);
            hasher.Append((ulong)value.Length);
            hasher.Append(metadata.Raw(value));
        }
        return hasher.Finish();
    }
}
