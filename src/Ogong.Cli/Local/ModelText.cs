using Ogong.Models;

namespace Ogong.Cli.Local;

/// <summary>Text of a model: its tokenizer, where it has one that can be run.</summary>
internal sealed class ModelText
{
    private readonly int _vocabularySize;
    private readonly string _absent;

    private ModelText(int vocabularySize, Tokenizer? tokenizer, string absent)
        => (_vocabularySize, Tokenizer, _absent) = (vocabularySize, tokenizer, absent);

    /// <summary>The tokenizer, or null where the model has no text here.</summary>
    public Tokenizer? Tokenizer { get; }

    /// <summary>Opens a model's tokenizer. One that cannot be read is noted, since the model runs on token ids without it.</summary>
    public static ModelText Open(StoredModel model, Output output)
    {
        int vocabularySize = model.Config.VocabularySize;
        try
        {
            return new ModelText(vocabularySize, model.OpenTokenizer(), "the model has no tokenizer");
        }
        catch (ModelFormatException e)
        {
            output.Note($"Token ids only: {e.Message}");
            return new ModelText(vocabularySize, null, "the model's tokenizer cannot be read");
        }
    }

    /// <summary>Tokens from <c>--tokens</c> or <c>--prompt</c>, of which exactly one is given.</summary>
    /// <exception cref="BadInputException">They cannot be used with this model.</exception>
    public int[] Resolve(int[]? tokens, string? prompt)
    {
        if (tokens is null == prompt is null) throw new BadInputException("give either --tokens or --prompt.");
        if (tokens is null && Tokenizer is null) throw new BadInputException($"{_absent}; give --tokens.");
        int[] ids = TokenList.Within(tokens ?? Tokenizer!.Encode(prompt!), _vocabularySize);
        return ids.Length > 0 ? ids : throw new BadInputException("the prompt has no tokens.");
    }

    /// <summary>The text of tokens, or null where the model has none here.</summary>
    public string? Decode(ReadOnlySpan<int> tokens) => Tokenizer?.Decode(tokens);
}
