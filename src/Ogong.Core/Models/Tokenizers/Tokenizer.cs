using System.Text;

namespace Ogong.Models;

/// <summary>
/// Text to token ids and back. Encoding and decoding are deterministic, hold no state and are thread-safe; a <see cref="TokenDecoder"/> is
/// not.
/// </summary>
public abstract class Tokenizer
{
    private protected Tokenizer()
    {
    }

    /// <summary>A token is a byte; see <see cref="ByteTokenizer"/>.</summary>
    public static Tokenizer Bytes { get; } = new ByteTokenizer();

    /// <summary>
    /// Reads <c>tokenizer.json</c> in a folder: byte-level BPE as GPT-2, Llama 3, Qwen and newer Mistral models have it, and SentencePiece's
    /// BPE as Llama 2 and Mistral have it. For a model that is open, <see cref="StoredModel.OpenTokenizer"/> reads the file its root names.
    /// </summary>
    /// <exception cref="ModelFormatException">The file is missing, malformed, or asks for something unsupported; the message names
    /// it.</exception>
    /// <exception cref="IOException">The file could not be read.</exception>
    public static Tokenizer Open(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return TokenizerJson.Open(Path.GetFullPath(folder), expected: null);
    }

    /// <summary>Every token id is below this. A model's own vocabulary may be larger, where its tables are padded, or smaller.</summary>
    public int TokenCount => Texts.Count;

    /// <summary>What each token stands for.</summary>
    private protected abstract TokenTexts Texts { get; }

    /// <summary>What a text loses at its start when decoded.</summary>
    private protected virtual LeadingSpace LeadingSpace => LeadingSpace.Kept;

    /// <summary>
    /// The tokens of a text. Special tokens that are spelt out in it become those tokens, so text from strangers must not be pasted between
    /// them unchecked. An unpaired surrogate counts as U+FFFD.
    /// </summary>
    /// <param name="text">Any text; time is O(n log n) and memory O(n) in its length n.</param>
    /// <param name="addSpecial">Whether to add the tokens that the tokenizer puts around a text, such as the one that begins it.</param>
    public abstract int[] Encode(string text, bool addSpecial = true);

    /// <summary>
    /// The text of tokens. Special tokens have none, nor have ids that are no token; bytes that are not UTF-8 become U+FFFD.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is negative.</exception>
    public string Decode(ReadOnlySpan<int> tokens)
    {
        TokenDecoder decoder = CreateDecoder();
        var text = new StringBuilder(tokens.Length);
        foreach (int token in tokens) text.Append(decoder.Append(token));
        return text.Append(decoder.Finish()).ToString();
    }

    /// <summary>A decoder for tokens that come one at a time; its pieces joined are what <see cref="Decode"/> gives.</summary>
    public TokenDecoder CreateDecoder() => new(Texts, LeadingSpace);
}
