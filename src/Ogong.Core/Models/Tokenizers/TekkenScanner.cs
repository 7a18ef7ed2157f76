using System.Globalization;

namespace Ogong.Models;

/// <summary>
/// <see cref="Scanners.TekkenPattern"/>. With U = [Lu Lt Lm Lo M] and D = [Ll Lm Lo M], which overlap, a word is the first of
/// <c>X?U*D+</c> and <c>X?U+D*</c> that matches, where X is anything but a letter, a number or a newline; marks are in X, U and D.
/// </summary>
internal static class TekkenScanner
{
    public static int Next(ReadOnlySpan<char> text, int start)
    {
        CharacterClass kind = Scan.ClassAt(text, start, out int length);
        if (kind == CharacterClass.Number) return start + length;
        bool mayLead = kind is CharacterClass.Space or CharacterClass.Other;
        // The order of a regular expression's choices: each alternative with X, then without, before the next alternative.
        if (mayLead && EndingInLower(text, start + length) is { } withLead) return withLead;
        if (EndingInLower(text, start) is { } word) return word;
        if (mayLead && BeginningInUpper(text, start + length) is { } upperWithLead) return upperWithLead;
        return BeginningInUpper(text, start) ?? Scanners.Symbols(text, start, slashes: true);
    }

    /// <summary><c>U*D+</c> at an index: U* takes all it can, and gives back up to the last D if no D follows.</summary>
    private static int? EndingInLower(ReadOnlySpan<char> text, int start)
    {
        int at = start, afterLastLower = -1;
        while (at < text.Length && IsUpper(text, at, out int length))
        {
            if (IsLower(text, at, out _)) afterLastLower = at + length;
            at += length;
        }
        int end = Lower(text, at);
        if (end > at) return end;
        return afterLastLower < 0 ? null : afterLastLower;
    }

    /// <summary><c>U+D*</c> at an index.</summary>
    private static int? BeginningInUpper(ReadOnlySpan<char> text, int start)
    {
        int at = start;
        while (at < text.Length && IsUpper(text, at, out int length)) at += length;
        return at == start ? null : Lower(text, at);
    }

    private static int Lower(ReadOnlySpan<char> text, int start)
    {
        int at = start;
        while (at < text.Length && IsLower(text, at, out int length)) at += length;
        return at;
    }

    private static bool IsUpper(ReadOnlySpan<char> text, int index, out int length)
        => Scan.CategoryAt(text, index, out length) is UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter || IsEither(text, index);

    private static bool IsLower(ReadOnlySpan<char> text, int index, out int length)
        => Scan.CategoryAt(text, index, out length) is UnicodeCategory.LowercaseLetter || IsEither(text, index);

    private static bool IsEither(ReadOnlySpan<char> text, int index)
        => Scan.CategoryAt(text, index, out _) is UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter
            or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;
}
