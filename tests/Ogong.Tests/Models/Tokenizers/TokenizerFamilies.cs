using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Ogong.Models;

namespace Ogong.Tests.Models.Tokenizers;

/// <summary>A kind of tokenizer, made of a small vocabulary, and the naive definition of what it does.</summary>
internal sealed record TokenizerFamily(string Name, Tokenizer Tokenizer, Func<string, IEnumerable<int>> Naive)
{
    /// <summary>Whether a text comes back from its tokens as it was but for its form.</summary>
    public required bool IsByteLevel { get; init; }

    public override string ToString() => Name;
}

/// <summary>The kinds of tokenizers of Llama, Mistral and Qwen, as <c>tokenizer.json</c> and as parts.</summary>
internal static class TokenizerFamilies
{
    private static readonly TrainedVocabulary s_bytes = TrainedVocabulary.ByteLevel;
    private static readonly TrainedVocabulary s_pieces = TrainedVocabulary.SentencePiece;

    private static readonly Dictionary<string, float> s_scores =
        s_pieces.Merges.Select((m, rank) => (Token: m.Left + m.Right, Rank: rank)).DistinctBy(m => m.Token).ToDictionary(m => m.Token, m => (float)-m.Rank);

    /// <summary>The token &lt;|end|&gt; of the byte-level ones.</summary>
    public static int End => s_bytes.Tokens.Count;

    public static TokenizerFamily[] All { get; } =
    [
        ByteLevel("Llama 3", LlamaJson(), [Scanners.Llama3Pattern], takesWhole: true),
        ByteLevel("Qwen", QwenJson(), [Scanners.Qwen2Pattern], composes: true),
        ByteLevel("Mistral Tekken", ByteLevelJson(Split(Scanners.TekkenPattern, "Removed", invert: true), ByteLevelStep()), [Scanners.TekkenPattern]),
        ByteLevel("GPT-2", ByteLevelJson(new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false }), [Scanners.Gpt2Pattern]),
        ByteLevel("SmolLM", ByteLevelJson(new JsonObject { ["type"] = "Digits", ["individual_digits"] = true }, ByteLevelStep(useRegex: true)), [@"\p{N}", Scanners.Gpt2Pattern]),
        Gguf("llama-bpe", [Scanners.Llama3Pattern], takesWhole: true),
        Gguf("qwen2", [Scanners.Qwen2Pattern], composes: true),
        Gguf("default", [@"[\p{P}\$\+<=>\^~\|]+", @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)", @"\p{N}+", "[0-9][0-9][0-9]"]),
        Pieces("Llama 2", SentencePieceJson(), static (part, _) => ["▁" + part]),
        Pieces("Metaspace, first", MetaspaceJson("first", split: false), static (part, first) => [first && part[0] != '▁' ? "▁" + part : part]),
        Pieces("Metaspace, always, split", MetaspaceJson("always", split: true),
            static (part, _) => NaiveBpe.Split("▁?[^▁]*", part[0] != '▁' ? "▁" + part : part).Where(p => p.Length > 0)),
        Pieces("llama", TokenizerFactory.Create(SentencePieceParts(), "test.gguf"), static (part, _) => ["▁" + part], scored: true),
    ];

    /// <summary>As Llama 3's: a pattern, then bytes; begins a text with a token, here the end token.</summary>
    public static JsonObject LlamaJson()
    {
        JsonObject json = ByteLevelJson(Split(Scanners.Llama3Pattern, "Isolated", invert: false), ByteLevelStep());
        json["model"]!["ignore_merges"] = true;
        json["post_processor"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["processors"] = new JsonArray(ByteLevelStep(), Template("<|end|>", End)),
        };
        return json;
    }

    /// <summary>As Qwen's: composed, then a pattern, then bytes; merges as pairs.</summary>
    public static JsonObject QwenJson()
    {
        JsonObject json = ByteLevelJson(Split(Scanners.Qwen2Pattern, "Isolated", invert: false), ByteLevelStep());
        json["model"] = s_bytes.Model(pairs: true);
        json["normalizer"] = new JsonObject { ["type"] = "NFC" };
        json["post_processor"] = ByteLevelStep();
        return json;
    }

    /// <summary>As Llama 2's and Mistral's: spaces as ▁, one before; bytes for what is not in the vocabulary.</summary>
    public static JsonObject SentencePieceJson()
    {
        JsonObject model = s_pieces.Model();
        (model["byte_fallback"], model["unk_token"], model["fuse_unk"]) = (true, "<unk>", true);
        return new JsonObject
        {
            ["version"] = "1.0",
            ["added_tokens"] = new JsonArray(Added(0, "<unk>"), Added(1, "<s>"), Added(2, "</s>")),
            ["normalizer"] = new JsonObject
            {
                ["type"] = "Sequence",
                ["normalizers"] = new JsonArray(
                    new JsonObject { ["type"] = "Prepend", ["prepend"] = "▁" },
                    new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { ["String"] = " " }, ["content"] = "▁" }),
            },
            ["pre_tokenizer"] = null,
            ["post_processor"] = Template("<s>", 1),
            ["decoder"] = new JsonObject
            {
                ["type"] = "Sequence",
                ["decoders"] = new JsonArray(
                    new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { ["String"] = "▁" }, ["content"] = " " },
                    new JsonObject { ["type"] = "ByteFallback" }, new JsonObject { ["type"] = "Fuse" },
                    new JsonObject { ["type"] = "Strip", ["content"] = " ", ["start"] = 1, ["stop"] = 0 }),
            },
            ["model"] = model,
        };
    }

    /// <summary>The same vocabulary as a GGUF file states it.</summary>
    public static TokenizerParts SentencePieceParts() => new()
    {
        Model = TokenizerModel.SentencePieceBpe,
        Tokens = s_pieces.Tokens,
        Types = [.. s_pieces.Tokens.Select((_, id) => id == 0 ? 2 : id < 3 ? 3 : id < 259 ? 6 : 1)],
        Scores = [.. s_pieces.Tokens.Select(Score)],
    };

    public static TokenizerParts ByteLevelParts(string pre) => new()
    {
        Model = TokenizerModel.ByteLevelBpe,
        Tokens = [.. s_bytes.Tokens, "<|end|>"],
        Types = [.. s_bytes.Tokens.Select(_ => 1), 3],
        Merges = [.. s_bytes.Merges.Select(m => $"{m.Left} {m.Right}")],
        PreTokenizer = pre,
        BeginToken = End,
    };

    private static JsonObject MetaspaceJson(string scheme, bool split)
    {
        JsonObject json = SentencePieceJson();
        json["normalizer"] = null;
        json["pre_tokenizer"] = new JsonObject { ["type"] = "Metaspace", ["replacement"] = "▁", ["prepend_scheme"] = scheme, ["split"] = split };
        return json;
    }

    private static JsonObject ByteLevelJson(params JsonNode[] preTokenizers) => new()
    {
        ["added_tokens"] = new JsonArray(Added(End, "<|end|>")),
        ["normalizer"] = null,
        ["pre_tokenizer"] = new JsonObject { ["type"] = "Sequence", ["pretokenizers"] = new JsonArray(preTokenizers) },
        ["post_processor"] = Template("<|end|>", End),
        ["decoder"] = ByteLevelStep(),
        ["model"] = s_bytes.Model(),
    };

    private static JsonObject Split(string pattern, string behavior, bool invert) => new()
    {
        ["type"] = "Split",
        ["pattern"] = new JsonObject { ["Regex"] = pattern },
        ["behavior"] = behavior,
        ["invert"] = invert,
    };

    private static JsonObject ByteLevelStep(bool useRegex = false)
        => new() { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = useRegex };

    public static JsonObject Added(int id, string content) => new()
    {
        ["id"] = id,
        ["content"] = content,
        ["single_word"] = false,
        ["lstrip"] = false,
        ["rstrip"] = false,
        ["normalized"] = false,
        ["special"] = true,
    };

    private static JsonObject Template(string token, int id) => new()
    {
        ["type"] = "TemplateProcessing",
        ["single"] = new JsonArray(
            new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = token, ["type_id"] = 0 } },
            new JsonObject { ["Sequence"] = new JsonObject { ["id"] = "A", ["type_id"] = 0 } }),
        ["special_tokens"] = new JsonObject { [token] = new JsonObject { ["id"] = token, ["ids"] = new JsonArray(id), ["tokens"] = new JsonArray(token) } },
    };

    private static TokenizerFamily Gguf(string pre, string[] patterns, bool takesWhole = false, bool composes = false)
    {
        Tokenizer tokenizer = TokenizerFactory.Create(ByteLevelParts(pre), "test.gguf");
        return ByteLevel($"GGUF {pre}", tokenizer, patterns, takesWhole, composes, begins: takesWhole);
    }

    private static TokenizerFamily ByteLevel(string name, JsonObject json, string[] patterns, bool takesWhole = false, bool composes = false)
        => ByteLevel(name, Parse(json), patterns, takesWhole, composes, begins: json["post_processor"]!["type"]!.GetValue<string>() != "ByteLevel");

    private static TokenizerFamily ByteLevel(string name, Tokenizer tokenizer, string[] patterns, bool takesWhole, bool composes, bool begins)
    {
        Dictionary<(string, string), double> ranks = Ranks(s_bytes);
        IEnumerable<int> Piece(string piece) => takesWhole && s_bytes.Find(piece) is >= 0 and int whole
            ? [whole]
            : NaiveBpe.Merge(NaiveBpe.Characters(piece), (l, r) => ranks.TryGetValue((l, r), out double rank) ? rank : null).Select(s_bytes.Find);
        IEnumerable<int> Part(string part) => part == "<|end|>" ? [End]
            : patterns.Aggregate((IEnumerable<string>)[composes ? CanonicalComposition.Compose(part) : part], (all, p) => all.SelectMany(t => NaiveBpe.Split(p, t)))
                .SelectMany(piece => Piece(NaiveBpe.Spell(piece)));
        return new TokenizerFamily(name, tokenizer, text => [.. begins ? (int[])[End] : [], .. Regex.Split(text, @"(<\|end\|>)").SelectMany(Part)]) { IsByteLevel = true };
    }

    private static TokenizerFamily Pieces(string name, JsonObject json, Func<string, bool, IEnumerable<string>> pieces) => Pieces(name, Parse(json), pieces);

    private static TokenizerFamily Pieces(string name, Tokenizer tokenizer, Func<string, bool, IEnumerable<string>> pieces, bool scored = false)
    {
        Dictionary<(string, string), double> ranks = Ranks(s_pieces);
        double? Rank(string left, string right)
        {
            if (!scored) return ranks.TryGetValue((left, right), out double rank) ? rank : null;
            return s_pieces.Find(left + right) is >= 259 and int id ? -Score(s_pieces.Tokens[id], id) : null;
        }
        IEnumerable<int> Symbol(string symbol) => s_pieces.Find(symbol) is >= 0 and int id ? [id] : Encoding.UTF8.GetBytes(symbol).Select(b => 3 + b);
        IEnumerable<int> Part(string part, bool first) => part switch
        {
            "" => [],
            "<unk>" or "<s>" or "</s>" => [s_pieces.Find(part)],
            _ => pieces(part.Replace(' ', '▁'), first).SelectMany(p => NaiveBpe.Merge(NaiveBpe.Characters(p), Rank)).SelectMany(Symbol),
        };
        return new TokenizerFamily(name, tokenizer, text => [1, .. Regex.Split(text, "(<unk>|<s>|</s>)").SelectMany((part, i) => Part(part, i == 0))]) { IsByteLevel = false };
    }

    /// <summary>As SentencePiece scores: the merges in order, single characters last.</summary>
    private static float Score(string token, int id) => id < 259 ? 0 : s_scores.GetValueOrDefault(token, -1e9f);

    private static Dictionary<(string, string), double> Ranks(TrainedVocabulary vocabulary)
        => vocabulary.Merges.Select((pair, rank) => (pair, rank)).ToDictionary(m => m.pair, m => (double)m.rank);

    private static Tokenizer Parse(JsonObject json) => TokenizerJson.Parse(Encoding.UTF8.GetBytes(json.ToJsonString()), "tokenizer.json");
}
