using System.Security.Cryptography;
using System.Text.Json;
using Ogong.Bytes;

namespace Ogong.Models;

/// <summary>
/// Reads Hugging Face's <c>tokenizer.json</c>. What would change the tokens and is not supported is refused by name; <c>truncation</c> and
/// <c>padding</c>, which loaders switch off, are not read. Total on hostile bytes, in time and memory bounded by their number.
/// </summary>
internal static class TokenizerJson
{
    public const string FileName = "tokenizer.json";

    /// <summary>Reads the file in a folder, if its SHA-256 is the expected one or none is expected.</summary>
    public static Tokenizer Open(string folder, Digest? expected)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) throw new ModelFormatException(path, "The file is missing.");
        byte[] bytes = BoundedFile.Read(path, TokenizerLimits.FileBytes);
        if (expected is { } digest && new Digest(SHA256.HashData(bytes)) != digest)
            throw new ModelFormatException(path, "The file has changed since the model was opened.");
        return Parse(bytes, path);
    }

    public static Tokenizer Parse(ReadOnlyMemory<byte> json, string file) => JsonFields.Parse(json, file, fields => Read(fields, file));

    private static BpeTokenizer Read(JsonFields root, string file)
    {
        JsonFields model = root.Object("model") ?? throw root.Refuse("model", "is missing.");
        var vocabulary = new BpeVocabulary(file);
        ReadVocabulary(model, vocabulary);
        ReadMerges(model, vocabulary);
        ReadAddedTokens(root, vocabulary);
        BpeSteps steps = TokenizerJsonSteps.Read(root, vocabulary);
        TokenDecoding decoding = TokenizerJsonDecoder.Read(root);
        BpeModel bpe = ReadModel(model, vocabulary);
        return new BpeTokenizer(bpe, steps, vocabulary.Texts(decoding.Bytes), decoding.LeadingSpace);
    }

    private static void ReadVocabulary(JsonFields model, BpeVocabulary vocabulary)
    {
        // Files older than the key are BPE if they have merges.
        string type = model.String("type") ?? (model.Sets("merges") ? "BPE" : throw model.Refuse("type", "is missing."));
        if (type != "BPE") throw model.Refuse("type", $"{ModelFormatException.Quote(type)} is not supported; BPE is.");
        JsonFields tokens = model.Object("vocab") ?? throw model.Refuse("vocab", "is missing.");
        foreach ((string spelling, int id) in tokens.Ints(0, TokenizerLimits.Tokens - 1)) vocabulary.Add(spelling, id);
    }

    private static void ReadMerges(JsonFields model, BpeVocabulary vocabulary)
    {
        JsonElement merges = model.Array("merges") ?? throw model.Refuse("merges", "is missing.");
        foreach (JsonElement merge in merges.EnumerateArray())
        {
            if (merge.ValueKind == JsonValueKind.String) vocabulary.AddMerge(merge.GetString()!);
            else if (IsPair(merge)) vocabulary.AddMerge(merge[0].GetString()!, merge[1].GetString()!);
            else throw model.Refuse("merges", "has an item that is neither a string nor a pair of strings.");
        }
    }

    private static bool IsPair(JsonElement merge) => merge.ValueKind == JsonValueKind.Array && merge.GetArrayLength() == 2
        && merge[0].ValueKind == JsonValueKind.String && merge[1].ValueKind == JsonValueKind.String;

    private static void ReadAddedTokens(JsonFields root, BpeVocabulary vocabulary)
    {
        foreach (JsonFields token in root.Objects("added_tokens", TokenizerLimits.AddedTokens) ?? [])
        {
            string content = token.String("content") ?? throw token.Refuse("content", "is missing.");
            if (token.Bool("single_word", absent: false)) throw token.Refuse("single_word", "is not supported.");
            var added = new AddedToken(
                token.RequiredInt("id", 0, TokenizerLimits.Tokens - 1), content, token.Bool("lstrip", absent: false), token.Bool("rstrip", absent: false));
            bool special = token.Bool("special", absent: false);
            vocabulary.AddWhole(added, content, special, token.Bool("normalized", absent: !special));
        }
    }

    private static BpeModel ReadModel(JsonFields model, BpeVocabulary vocabulary)
    {
        if (model.Double("dropout", 0, 1) is > 0) throw model.Refuse("dropout", "is not supported: it makes encoding random.");
        foreach (string key in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
            if (model.String(key) is { Length: > 0 }) throw model.Refuse(key, "is not supported.");
        int? unknown = model.String("unk_token") is { } spelling ? vocabulary.Find(spelling) : null;
        if (unknown < 0) throw model.Refuse("unk_token", "is not in the vocabulary.");
        return new BpeModel(vocabulary.Tokens, vocabulary.Merges)
        {
            Unknown = unknown,
            FusesUnknown = model.Bool("fuse_unk", absent: false),
            ByteTokens = model.Bool("byte_fallback", absent: false) ? BpeModel.FindByteTokens(vocabulary.Find) : null,
            IgnoresMerges = model.Bool("ignore_merges", absent: false),
        };
    }
}
