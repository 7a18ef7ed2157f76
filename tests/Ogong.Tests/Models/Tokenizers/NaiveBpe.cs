using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Ogong.Tests.Models.Tokenizers;

/// <summary>Byte-pair encoding by its textbook definition, in quadratic time and on strings: what the tokenizers are checked against.</summary>
internal static class NaiveBpe
{
    /// <summary>The text with U+FFFD for what is not a character.</summary>
    public static string WellFormed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    /// <summary>While any neighbours have a rank, joins those of the lowest, the leftmost of several.</summary>
    public static List<string> Merge(IEnumerable<string> symbols, Func<string, string, double?> rank)
    {
        List<string> text = [.. symbols];
        while (true)
        {
            int best = -1;
            double lowest = double.PositiveInfinity;
            for (int i = 0; i + 1 < text.Count; i++)
                if (rank(text[i], text[i + 1]) is { } r && (best < 0 || r < lowest)) (best, lowest) = (i, r);
            if (best < 0) return text;
            text[best] += text[best + 1];
            text.RemoveAt(best + 1);
        }
    }

    /// <summary>The characters of a text.</summary>
    public static IEnumerable<string> Characters(string text) => text.EnumerateRunes().Select(r => r.ToString());

    /// <summary>
    /// The matches of a pattern and what lies between them, by .NET's backtracking engine. That sees UTF-16 units, so each character beyond
    /// the basic plane stands in as one of its category.
    /// </summary>
    public static List<string> Split(string pattern, string text)
    {
        Rune[] runes = [.. text.EnumerateRunes()];
        string standIn = string.Concat(runes.Select(r => r.IsBmp ? (char)r.Value : StandIn(Rune.GetUnicodeCategory(r))));
        var pieces = new List<string>();
        int done = 0;
        foreach (Match match in Regex.Matches(standIn, pattern, RegexOptions.CultureInvariant))
        {
            if (match.Index > done) pieces.Add(string.Concat(runes[done..match.Index]));
            pieces.Add(string.Concat(runes[match.Index..(match.Index + match.Length)]));
            done = match.Index + match.Length;
        }
        if (done < runes.Length) pieces.Add(string.Concat(runes[done..]));
        return pieces;
    }

    /// <summary>A text's bytes as byte-level vocabularies spell them.</summary>
    public static string Spell(string text) => string.Concat(Encoding.UTF8.GetBytes(text).Select(b => Alphabet[b]));

    /// <summary>The character of each byte.</summary>
    public static IReadOnlyList<char> Alphabet { get; } = MakeAlphabet();

    private static char[] MakeAlphabet()
    {
        string printing = string.Concat(Enumerable.Range('!', 94).Concat(Enumerable.Range('¡', 12)).Concat(Enumerable.Range('®', 82)).Select(c => (char)c));
        int others = 0;
        return [.. Enumerable.Range(0, 256).Select(b => printing.Contains((char)b, StringComparison.Ordinal) ? (char)b : (char)(256 + others++))];
    }

    private static char StandIn(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter => 'Ж',
        UnicodeCategory.LowercaseLetter => 'ж',
        UnicodeCategory.TitlecaseLetter => 'ǅ',
        UnicodeCategory.ModifierLetter => 'ʰ',
        UnicodeCategory.OtherLetter => '語',
        UnicodeCategory.NonSpacingMark => '\u0301',
        UnicodeCategory.SpacingCombiningMark => '\u0903',
        UnicodeCategory.EnclosingMark => '\u20DD',
        UnicodeCategory.DecimalDigitNumber => '٣',
        UnicodeCategory.LetterNumber => 'Ⅷ',
        UnicodeCategory.OtherNumber => '½',
        UnicodeCategory.OtherPunctuation or UnicodeCategory.DashPunctuation or UnicodeCategory.OpenPunctuation or UnicodeCategory.ClosePunctuation => '¡',
        _ => '☃',
    };
}
