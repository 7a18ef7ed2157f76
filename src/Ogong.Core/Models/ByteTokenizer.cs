using System.Text;

namespace Ogong.Models;

/// <summary>
/// Text as bytes: token t &lt; 256 is the byte t of the UTF-8 text, 256 begins a sequence, 257 ends it. Used where a model's vocabulary is
/// <see cref="VocabularySize"/> and its folder has no <c>tokenizer.json</c>.
/// </summary>
public static class ByteTokenizer
{
    /// <summary>Token that begins a sequence.</summary>
    public const int BeginToken = 256;

    /// <summary>Token that ends a sequence.</summary>
    public const int EndToken = 257;

    /// <summary>Bytes and the two markers.</summary>
    public const int VocabularySize = 258;

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The tokens of a text: its UTF-8 bytes, after <see cref="BeginToken"/> if asked for.</summary>
    /// <exception cref="EncoderFallbackException">The text has an unpaired surrogate.</exception>
    public static int[] Encode(string text, bool withBegin = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        byte[] bytes = s_strict.GetBytes(text);
        int begin = withBegin ? 1 : 0;
        int[] tokens = new int[begin + bytes.Length];
        if (withBegin) tokens[0] = BeginToken;
        for (int i = 0; i < bytes.Length; i++) tokens[begin + i] = bytes[i];
        return tokens;
    }

    /// <summary>The text of tokens; the markers are dropped and bytes that are not UTF-8 become U+FFFD.</summary>
    public static string Decode(ReadOnlySpan<int> tokens)
    {
        var decoder = new ByteTokenDecoder();
        var text = new StringBuilder(tokens.Length);
        foreach (int token in tokens) text.Append(decoder.Append(token));
        return text.Append(decoder.Finish()).ToString();
    }
}

/// <summary>Decodes byte tokens as they are generated, holding back a character until its last byte has come. Not thread-safe.</summary>
public sealed class ByteTokenDecoder
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    /// <summary>
    /// The text that became certain with this token, often empty in the middle of a character. A marker has no text of its own and ends an
    /// unfinished character.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The token is not in the byte-level vocabulary.</exception>
    public string Append(int token)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(token);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(token, ByteTokenizer.VocabularySize);
        if (token >= ByteTokenizer.BeginToken) return Finish();
        return Convert([(byte)token], flush: false);
    }

    /// <summary>What is left of an unfinished character: U+FFFD, or nothing.</summary>
    public string Finish() => Convert([], flush: true);

    private string Convert(ReadOnlySpan<byte> bytes, bool flush)
    {
        Span<char> characters = stackalloc char[8];
        int count = _decoder.GetChars(bytes, characters, flush);
        return new string(characters[..count]);
    }
}
