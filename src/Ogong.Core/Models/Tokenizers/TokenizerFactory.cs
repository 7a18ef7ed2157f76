namespace Ogong.Models;

/// <summary>Makes tokenizers of what GGUF files state.</summary>
internal static class TokenizerFactory
{
    /// <summary>
    /// The tokenizer of <paramref name="parts"/>, encoding as llama.cpp does but for three things: overlapping special tokens are matched
    /// leftmost-longest; unused tokens are never merged into; and <c>qwen2</c> composes characters first, as the tokenizer that it names does.
    /// </summary>
    /// <exception cref="ModelFormatException">The parts do not fit together, or ask for something unsupported.</exception>
    public static Tokenizer Create(TokenizerParts parts, string file)
    {
        int count = parts.Tokens.Count;
        if (count > TokenizerLimits.Tokens) throw new ModelFormatException(file, $"tokenizer.ggml.tokens has more than {TokenizerLimits.Tokens} entries.");
        if (parts.Types is { } types && types.Count != count) throw Uneven(file, "token_type", types.Count, count);
        if (parts.Scores is { } scores && scores.Count != count) throw Uneven(file, "scores", scores.Count, count);
        return parts.Model switch
        {
            TokenizerModel.ByteLevelBpe => ByteLevel(parts, file),
            TokenizerModel.SentencePieceBpe => SentencePiece(parts, file),
            _ => throw new ArgumentOutOfRangeException(nameof(parts), parts.Model, "No such model."),
        };
    }

    private static BpeTokenizer ByteLevel(TokenizerParts parts, string file)
    {
        string name = parts.PreTokenizer ?? "default";
        Scanner[] scanners = Scanners.OfName(name)
            ?? throw new ModelFormatException(file, $"tokenizer.ggml.pre {ModelFormatException.Quote(name)} is not supported.");
        BpeVocabulary vocabulary = Vocabulary(parts, file, static spelling => spelling);
        foreach (string merge in parts.Merges ?? throw new ModelFormatException(file, "tokenizer.ggml.merges is missing.")) vocabulary.AddMerge(merge);
        bool takesWhole = name is "llama-bpe" or "llama3" or "llama-v3" or "tekken";
        (AddedTokens raw, AddedTokens normalized) = vocabulary.Matchers(static text => text);
        var steps = new BpeSteps
        {
            RawTokens = raw,
            NormalizedTokens = normalized,
            Composes = name == "qwen2",
            Scanners = scanners,
            IsByteLevel = true,
            Before = Around(vocabulary, "bos", parts.AddBegin ?? takesWhole, parts.BeginToken),
            After = Around(vocabulary, "eos", parts.AddEnd ?? false, parts.EndToken),
        };
        var model = new BpeModel(vocabulary.Tokens, vocabulary.Merges) { IgnoresMerges = takesWhole };
        return new BpeTokenizer(model, steps, vocabulary.Texts(ByteAlphabet.Bytes), LeadingSpace.Kept);
    }

    private static BpeTokenizer SentencePiece(TokenizerParts parts, string file)
    {
        if (parts.Scores is not { } scores) throw new ModelFormatException(file, "tokenizer.ggml.scores is missing.");
        // SentencePiece matches user-defined pieces after spaces have become ▁; here they are matched before.
        BpeVocabulary vocabulary = Vocabulary(parts, file, static spelling => spelling.Replace(SpaceMark.Character, ' '));
        bool prefix = parts.AddSpacePrefix ?? true;
        (AddedTokens raw, AddedTokens normalized) = vocabulary.Matchers(static text => text);
        var steps = new BpeSteps
        {
            RawTokens = raw,
            NormalizedTokens = normalized,
            MarksSpaces = true,
            SpacePrefix = prefix ? SpacePrefix.Always : SpacePrefix.None,
            Before = Around(vocabulary, "bos", parts.AddBegin ?? true, parts.BeginToken ?? 1),
            After = Around(vocabulary, "eos", parts.AddEnd ?? false, parts.EndToken ?? 2),
        };
        int unknown = parts.UnknownToken ?? 0;
        var model = new BpeModel(vocabulary.Tokens, new ScoredPieces(Ranks(vocabulary, scores)))
        {
            Unknown = vocabulary.Has(unknown) ? unknown : throw vocabulary.Refuse($"tokenizer.ggml.unknown_token_id is {unknown}, which is no token."),
            FusesUnknown = true,
            ByteTokens = ByteTokens(parts),
        };
        var decoding = new TokenDecoding
        {
            HasSpaceMarks = true,
            HasByteTokens = model.ByteTokens is not null,
            LeadingSpace = prefix ? LeadingSpace.OneDropped : LeadingSpace.Kept,
        };
        return new BpeTokenizer(model, steps, vocabulary.Texts(decoding.Bytes), decoding.LeadingSpace);
    }

    private static BpeVocabulary Vocabulary(TokenizerParts parts, string file, Func<string, string> matched)
    {
        var vocabulary = new BpeVocabulary(file);
        for (int id = 0; id < parts.Tokens.Count; id++)
        {
            string spelling = parts.Tokens[id];
            var type = (TokenType)(parts.Types?[id] ?? (int)TokenType.Normal);
            if (!Enum.IsDefined(type)) throw vocabulary.Refuse($"tokenizer.ggml.token_type of token {id} is {(int)type}, which means nothing.");
            bool isEmpty = spelling.Length == 0, isUser = type == TokenType.UserDefined;
            if (!isEmpty && (isUser || type == TokenType.Normal)) vocabulary.Add(spelling, id);
            else vocabulary.Claim(spelling, id);
            if (!isEmpty && (isUser || type is TokenType.Control or TokenType.Unknown))
                vocabulary.AddWhole(new AddedToken(id, matched(spelling)), spelling, special: !isUser, normalized: false);
        }
        return vocabulary;
    }

    /// <summary>The rank of each piece: 0 for the highest score, the same for equal ones.</summary>
    private static Dictionary<string, (uint Rank, int Token)> Ranks(BpeVocabulary vocabulary, IReadOnlyList<float> scores)
    {
        var ranks = new Dictionary<string, (uint, int)>(vocabulary.Tokens.Count, StringComparer.Ordinal);
        uint rank = 0;
        float previous = float.NaN;
        foreach ((string spelling, int id) in vocabulary.Tokens.OrderByDescending(token => scores[token.Value]))
        {
            float score = scores[id];
            if (float.IsNaN(score)) throw vocabulary.Refuse($"tokenizer.ggml.scores of token {id} is not a number.");
            if (ranks.Count > 0 && score != previous) rank++;
            previous = score;
            ranks.Add(spelling, (rank, id));
        }
        return ranks;
    }

    private static int[]? ByteTokens(TokenizerParts parts)
    {
        var bytes = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int id = 0; id < parts.Tokens.Count; id++)
            if (parts.Types?[id] == (int)TokenType.Byte) bytes.TryAdd(parts.Tokens[id], id);
        return BpeModel.FindByteTokens(spelling => bytes.GetValueOrDefault(spelling, -1));
    }

    private static int[] Around(BpeVocabulary vocabulary, string which, bool wanted, int? token)
    {
        if (!wanted) return [];
        if (token is not { } id || !vocabulary.Has(id))
            throw vocabulary.Refuse($"tokenizer.ggml.add_{which}_token asks for tokenizer.ggml.{which}_token_id, which is no token.");
        return [id];
    }

    private static ModelFormatException Uneven(string file, string key, int count, int tokens)
        => new(file, $"tokenizer.ggml.{key} has {count} entries where tokenizer.ggml.tokens has {tokens}.");
}
