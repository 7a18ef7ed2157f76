using System.Text;

namespace Ogong.Models;

/// <summary>What a decoded text loses at its start, because encoding put it there.</summary>
internal enum LeadingSpace
{
    /// <summary>Nothing.</summary>
    Kept,

    /// <summary>One space.</summary>
    OneDropped,

    /// <summary>All spaces that the first token with a text begins with.</summary>
    FirstTokenTrimmed,
}

/// <summary>
/// Decodes tokens as they are generated, holding back a character until its last byte has come. Made by
/// <see cref="Tokenizer.CreateDecoder"/>. Not thread-safe.
/// </summary>
public sealed class TokenDecoder
{
    private readonly Decoder _utf8 = Encoding.UTF8.GetDecoder();
    private readonly TokenTexts _texts;
    private LeadingSpace _leading;

    internal TokenDecoder(TokenTexts texts, LeadingSpace leading) => (_texts, _leading) = (texts, leading);

    /// <summary>
    /// The text that became certain with this token, often empty in the middle of a character. A special token has no text of its own and
    /// ends an unfinished character; an id that is no token, as the padding of a model's tables can yield, has no text.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is negative.</exception>
    public string Append(int token)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(token);
        if (token >= _texts.Count) return "";
        if (_texts.IsSpecial(token)) return Finish();
        ReadOnlySpan<byte> bytes = _texts.Of(token);
        return bytes.IsEmpty ? "" : Convert(WithoutLeadingSpace(bytes), flush: false);
    }

    /// <summary>What is left of an unfinished character: U+FFFD, or nothing.</summary>
    public string Finish() => Convert([], flush: true);

    /// <summary>A space is one byte, never part of another character, so it can go before the bytes become characters.</summary>
    private ReadOnlySpan<byte> WithoutLeadingSpace(ReadOnlySpan<byte> bytes)
    {
        LeadingSpace leading = _leading;
        _leading = LeadingSpace.Kept;
        return leading switch
        {
            LeadingSpace.OneDropped when bytes[0] == (byte)' ' => bytes[1..],
            LeadingSpace.FirstTokenTrimmed => bytes.TrimStart((byte)' '),
            _ => bytes,
        };
    }

    private string Convert(ReadOnlySpan<byte> bytes, bool flush)
    {
        int most = bytes.Length + 4; // at most one character per byte, and what an earlier token left open
        Span<char> characters = most <= 256 ? stackalloc char[most] : new char[most];
        int count = _utf8.GetChars(bytes, characters, flush);
        return new string(characters[..count]);
    }
}
