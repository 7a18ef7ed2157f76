using System.Globalization;

namespace Ogong.Models;

/// <summary>
/// The published pre-tokenizer patterns as scanners written by hand: the same pieces as a backtracking regular expression gives, in linear
/// time, over code points.
/// </summary>
internal static class Scanners
{
    /// <summary>GPT-2's pattern, which <c>ByteLevel</c> has built in.</summary>
    public const string Gpt2Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>Llama 3's: cl100k's but for possessive quantifiers, which change nothing.</summary>
    public const string Llama3Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>Qwen's: Llama 3's with each digit alone.</summary>
    public const string Qwen2Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>Tekken's, of newer Mistral models: words break where lower case turns upper.</summary>
    public const string TekkenPattern =
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
        + @"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
        + @"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>The scanner of a pattern, or null for one that is not known.</summary>
    public static Scanner? OfPattern(string pattern) => pattern switch
    {
        Gpt2Pattern => Gpt2,
        Llama3Pattern => Llama3,
        Qwen2Pattern => Qwen2,
        TekkenPattern => TekkenScanner.Next,
        _ => null,
    };

    /// <summary>The scanners of a GGUF pre-tokenizer name, applied one inside the pieces of the other, or null for one that is not known.</summary>
    public static Scanner[]? OfName(string name) => name switch
    {
        "llama-bpe" or "llama3" or "llama-v3" => [Llama3],
        "qwen2" or "deepseek-r1-qwen" => [Qwen2],
        "gpt-2" => [Gpt2],
        "tekken" => [TekkenScanner.Next],
        "smollm" => [Digits, Gpt2],
        "default" => [Punctuation, Gpt2, NumberRuns, ThreeDigits],
        _ => null,
    };

    /// <summary><see cref="Gpt2Pattern"/></summary>
    public static int Gpt2(ReadOnlySpan<char> text, int start)
    {
        int contraction = Scan.Contraction(text, start, ignoreCase: false);
        if (contraction > start) return contraction;
        int first = AfterSpace(text, start);
        CharacterClass kind = Scan.ClassAt(text, first, out _);
        return kind is CharacterClass.Space or CharacterClass.Newline ? Scan.Gap(text, start) : Scan.Run(text, first, kind);
    }

    /// <summary><see cref="Llama3Pattern"/></summary>
    public static int Llama3(ReadOnlySpan<char> text, int start) => Words(text, start, digits: 3);

    /// <summary><see cref="Qwen2Pattern"/></summary>
    public static int Qwen2(ReadOnlySpan<char> text, int start) => Words(text, start, digits: 1);

    /// <summary>Each number character alone, and what lies between them.</summary>
    public static int Digits(ReadOnlySpan<char> text, int start)
        => Scan.ClassAt(text, start, out int length) == CharacterClass.Number ? start + length : ToNumber(text, start);

    /// <summary>Runs of number characters, and what lies between them.</summary>
    public static int NumberRuns(ReadOnlySpan<char> text, int start)
        => Scan.ClassAt(text, start, out _) == CharacterClass.Number ? Scan.Run(text, start, CharacterClass.Number) : ToNumber(text, start);

    /// <summary>One ▁ and what follows up to the next.</summary>
    public static int SingleSpaceMarks(ReadOnlySpan<char> text, int start)
    {
        int next = text[(start + 1)..].IndexOf(SpaceMark.Character);
        return next < 0 ? text.Length : start + 1 + next;
    }

    private static int Words(ReadOnlySpan<char> text, int start, int digits)
    {
        int contraction = Scan.Contraction(text, start, ignoreCase: true);
        if (contraction > start) return contraction;
        CharacterClass kind = Scan.ClassAt(text, start, out int length);
        if (kind == CharacterClass.Letter) return Scan.Run(text, start, CharacterClass.Letter);
        if (kind == CharacterClass.Number) return Scan.Run(text, start, CharacterClass.Number, digits);
        if (kind != CharacterClass.Newline)
        {
            int letters = Scan.Run(text, start + length, CharacterClass.Letter);
            if (letters > start + length) return letters;
        }
        return Symbols(text, start, slashes: false);
    }

    /// <summary><c> ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+</c>, with <c>/</c> among the newlines if asked for.</summary>
    internal static int Symbols(ReadOnlySpan<char> text, int start, bool slashes)
    {
        int first = AfterSpace(text, start), end = Scan.Run(text, first, CharacterClass.Other);
        if (end > first)
        {
            while (end < text.Length && (text[end] is '\r' or '\n' || (slashes && text[end] == '/'))) end++;
            return end;
        }
        int line = Scan.LineEnd(text, start);
        return line > start ? line : Scan.Gap(text, start);
    }

    /// <summary>The index after an optional space that something follows.</summary>
    private static int AfterSpace(ReadOnlySpan<char> text, int start) => text[start] == ' ' && start + 1 < text.Length ? start + 1 : start;

    private static int ToNumber(ReadOnlySpan<char> text, int start)
    {
        int end = start;
        while (end < text.Length && Scan.ClassAt(text, end, out int length) != CharacterClass.Number) end += length;
        return end;
    }

    /// <summary>Runs of <c>[\p{P}\$\+&lt;=&gt;\^~\|]</c>, and what lies between them.</summary>
    private static int Punctuation(ReadOnlySpan<char> text, int start)
    {
        bool kind = IsPunctuation(text, start, out int length);
        int end = start + length;
        while (end < text.Length && IsPunctuation(text, end, out length) == kind) end += length;
        return end;
    }

    private static bool IsPunctuation(ReadOnlySpan<char> text, int index, out int length)
        => Scan.CategoryAt(text, index, out length) is UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation
            or UnicodeCategory.OpenPunctuation or UnicodeCategory.ClosePunctuation or UnicodeCategory.InitialQuotePunctuation
            or UnicodeCategory.FinalQuotePunctuation or UnicodeCategory.OtherPunctuation
            || text[index] is '$' or '+' or '<' or '=' or '>' or '^' or '~' or '|';

    /// <summary>Three ASCII digits, and what comes before the next three.</summary>
    private static int ThreeDigits(ReadOnlySpan<char> text, int start)
    {
        int run = 0;
        for (int i = start; i < text.Length; i++)
        {
            run = char.IsAsciiDigit(text[i]) ? run + 1 : 0;
            if (run == 3) return i == start + 2 ? i + 1 : i - 2;
        }
        return text.Length;
    }
}
