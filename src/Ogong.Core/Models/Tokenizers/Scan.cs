using System.Globalization;

namespace Ogong.Models;

/// <summary>Steps that the scanners share. Classes are those of .NET's Unicode tables, by code point.</summary>
internal static class Scan
{
    /// <summary>The class of the code point at an index, and its length in UTF-16 units.</summary>
    public static CharacterClass ClassAt(ReadOnlySpan<char> text, int index, out int length)
    {
        char c = text[index];
        length = 1;
        if (c < 0x80)
        {
            return char.IsAsciiLetter(c) ? CharacterClass.Letter
                : char.IsAsciiDigit(c) ? CharacterClass.Number
                : c is '\r' or '\n' ? CharacterClass.Newline
                : char.IsWhiteSpace(c) ? CharacterClass.Space : CharacterClass.Other;
        }
        return CategoryAt(text, index, out length) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => CharacterClass.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterClass.Number,
            _ => char.IsWhiteSpace(c) ? CharacterClass.Space : CharacterClass.Other,
        };
    }

    /// <summary>The general category of the code point at an index, and its length in UTF-16 units.</summary>
    public static UnicodeCategory CategoryAt(ReadOnlySpan<char> text, int index, out int length)
    {
        char c = text[index];
        length = char.IsHighSurrogate(c) ? 2 : 1;
        return length == 1 ? CharUnicodeInfo.GetUnicodeCategory(c) : CharUnicodeInfo.GetUnicodeCategory(char.ConvertToUtf32(c, text[index + 1]));
    }

    /// <summary>End of the run of one class from <paramref name="start"/>, at most <paramref name="most"/> code points long.</summary>
    public static int Run(ReadOnlySpan<char> text, int start, CharacterClass of, int most = int.MaxValue)
    {
        int end = start;
        for (int i = 0; i < most && end < text.Length && ClassAt(text, end, out int length) == of; i++) end += length;
        return end;
    }

    /// <summary>End of the run of white space, newlines included.</summary>
    public static int WhiteSpace(ReadOnlySpan<char> text, int start)
    {
        int end = start;
        while (end < text.Length && char.IsWhiteSpace(text[end])) end++;
        return end;
    }

    /// <summary><c>\s+(?!\S)|\s+</c>: a run of white space but for its last character, which belongs to the word that follows.</summary>
    public static int Gap(ReadOnlySpan<char> text, int start)
    {
        int end = WhiteSpace(text, start);
        return end == text.Length || end - start == 1 ? end : end - 1;
    }

    /// <summary><c>\s*[\r\n]+</c>: white space up to the last newline of its run, or <paramref name="start"/> where there is none.</summary>
    public static int LineEnd(ReadOnlySpan<char> text, int start)
        => start + 1 + text[start..WhiteSpace(text, start)].LastIndexOfAny('\r', '\n');

    /// <summary>End of an English contraction that begins at the apostrophe at <paramref name="start"/>, or <paramref name="start"/>.</summary>
    /// <remarks>Ignoring case, ſ (U+017F) is an s, as Unicode's case folding has it.</remarks>
    public static int Contraction(ReadOnlySpan<char> text, int start, bool ignoreCase)
    {
        if (text[start] != '\'') return start;
        char first = Folded(text, start + 1, ignoreCase);
        if (first is 's' or 't' or 'm' or 'd') return start + 2;
        return (first, Folded(text, start + 2, ignoreCase)) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? start + 3 : start;
    }

    private static char Folded(ReadOnlySpan<char> text, int index, bool ignoreCase)
    {
        char c = index < text.Length ? text[index] : '\0';
        return !ignoreCase ? c : c == '\u017F' ? 's' : char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c;
    }
}
