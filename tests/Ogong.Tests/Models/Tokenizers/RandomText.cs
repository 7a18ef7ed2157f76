using System.Text;

namespace Ogong.Tests.Models.Tokenizers;

/// <summary>Strings of a few kinds of characters each, in runs, so that every boundary between kinds comes up.</summary>
internal static class RandomText
{
    private static readonly string[] s_words =
    [
        "the ", " and", "function ", "naïve", "Привет", "日本語", "한국어", "McDonald", "iPhone", "'s", "'T", "'re", "'VE", "'ll", "'x", "'ſ", "<s>", "</s>", "<|end|>",
        "<|end", "<0x0A>", "\r\n", "  ", "    ", "▁", "\ufffd", "ﷺ", "ǅ", "ʰ", "½", "Ⅷ", "1234567", "𝔸", "𝟘", "𐐀", "𐐨", "𠀀", "😀", "👨‍👩‍👧", "e\u0301", "\u1112\u1161",
    ];

    private static readonly (int First, int Count)[] s_ranges =
    [
        ('a', 26), ('A', 26), ('0', 10), ('!', 15), (':', 7), (' ', 1), (' ', 1), ('\t', 5), (0x00, 0x20), (0x80, 0x40), (0xC0, 0x180), (0x2B0, 0x50), (0x300, 0x70),
        (0x370, 0x90), (0x660, 10), (0x900, 0x80), (0x1E00, 0x100), (0x2000, 0x70), (0x2150, 0x40), (0x3000, 0x100), (0x4E00, 0x1000), (0xAC00, 11172), (0xFE00, 0x1F0),
        (0x10400, 0x50), (0x1D400, 0x400), (0x1F300, 0x300), (0x20000, 0x100), (0xD800, 0x800),
    ];

    /// <summary>Up to <paramref name="most"/> runs; now and then with a surrogate that has no partner.</summary>
    public static string Next(Random random, int most = 30)
    {
        var text = new StringBuilder();
        int[] kinds = [.. Enumerable.Range(0, 1 + random.Next(5)).Select(_ => random.Next(s_ranges.Length + 8))];
        for (int runs = random.Next(most); runs > 0; runs--)
        {
            int kind = kinds[random.Next(kinds.Length)];
            for (int i = random.Next(5) == 0 ? 1 + random.Next(6) : 1; i > 0; i--)
            {
                if (kind >= s_ranges.Length) text.Append(s_words[random.Next(s_words.Length)]);
                else Append(text, s_ranges[kind].First + random.Next(s_ranges[kind].Count));
            }
        }
        return text.ToString();
    }

    private static void Append(StringBuilder text, int c)
    {
        if (c is >= 0xD800 and < 0xE000) text.Append((char)c);
        else text.Append(new Rune(c));
    }
}
