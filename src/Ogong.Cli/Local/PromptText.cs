using Ogong.Models;

namespace Ogong.Cli.Local;

/// <summary>Text of models that have a text form here: the byte-level ones.</summary>
internal static class PromptText
{
    public static bool IsBytes(ModelConfig config) => config.Tokenizer.Kind == TokenizerKind.Bytes;

    /// <summary>Tokens from <c>--tokens</c> or <c>--prompt</c>, of which exactly one is given.</summary>
    /// <exception cref="BadInputException">They cannot be used with this model.</exception>
    public static int[] Resolve(ModelConfig config, int[]? tokens, string? prompt)
    {
        if (tokens is null == prompt is null) throw new BadInputException("give either --tokens or --prompt.");
        if (tokens is not null) return TokenList.Within(tokens, config.VocabularySize);
        return IsBytes(config) ? ByteTokenizer.Encode(prompt!) : throw new BadInputException("this model has no byte-level text mode; give --tokens.");
    }

    /// <summary>The text of tokens, or null where the model has no text form here.</summary>
    public static string? Decode(ModelConfig config, ReadOnlySpan<int> tokens) => IsBytes(config) ? ByteTokenizer.Decode(tokens) : null;
}
