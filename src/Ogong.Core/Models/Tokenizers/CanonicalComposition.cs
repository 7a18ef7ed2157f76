using System.Text;

namespace Ogong.Models;

/// <summary>
/// Unicode's normalisation form C (UAX #15): decompose canonically, order marks by class, compose. <see cref="string.Normalize()"/> cannot
/// serve: without the system's ICU, which programs may do without, it returns a text as it is.
/// </summary>
internal static class CanonicalComposition
{
    /// <summary>Below this every character is its own form C, whatever follows that is below it too.</summary>
    private const char FirstMark = '\u0300';

    // Hangul syllables are composed by arithmetic: S = SBase + (L · VCount + V) · TCount + T (The Unicode Standard, section 3.12).
    private const int SBase = 0xAC00, LBase = 0x1100, VBase = 0x1161, TBase = 0x11A7, LCount = 19, VCount = 21, TCount = 28;

    private static readonly Lazy<CanonicalTable> s_table = new(CanonicalTable.Load);

    /// <summary>The form C of a well-formed text, in O(n log n) time.</summary>
    public static string Compose(string text)
    {
        if (text.AsSpan().IndexOfAnyExceptInRange('\0', (char)(FirstMark - 1)) < 0) return text;
        CanonicalTable table = s_table.Value;
        var decomposed = new List<int>(text.Length + 16);
        foreach (Rune rune in text.EnumerateRunes()) Decompose(rune.Value, table, decomposed);
        Order(decomposed, table);
        int count = Compose(decomposed, table);
        var composed = new StringBuilder(count);
        Span<char> characters = stackalloc char[2];
        foreach (int c in decomposed.Take(count)) composed.Append(characters[..new Rune(c).EncodeToUtf16(characters)]);
        return composed.ToString();
    }

    /// <summary>Adds a character's full decomposition: each first part decomposes further, down to a character that does not.</summary>
    private static void Decompose(int c, CanonicalTable table, List<int> output)
    {
        if (c is >= SBase and < SBase + (LCount * VCount * TCount))
        {
            int s = c - SBase;
            output.Add(LBase + (s / (VCount * TCount)));
            output.Add(VBase + (s % (VCount * TCount) / TCount));
            if (s % TCount != 0) output.Add(TBase + (s % TCount));
        }
        else if (table.TryDecompose(c, out int first, out int second))
        {
            Decompose(first, table, output);
            if (second != 0) Decompose(second, table, output);
        }
        else
        {
            output.Add(c);
        }
    }

    /// <summary>Sorts every run of marks by class, marks of one class staying in order.</summary>
    private static void Order(List<int> text, CanonicalTable table)
    {
        for (int start = 0; start < text.Count; start++)
        {
            if (table.Class(text[start]) == 0) continue;
            int end = start + 1;
            bool ordered = true;
            for (; end < text.Count && table.Class(text[end]) is > 0 and var mark; end++) ordered &= table.Class(text[end - 1]) <= mark;
            if (!ordered)
            {
                int[] sorted = [.. text.GetRange(start, end - start).OrderBy(table.Class)];
                for (int i = 0; i < sorted.Length; i++) text[start + i] = sorted[i];
            }
            start = end;
        }
    }

    /// <summary>
    /// Composes in place, giving the new length. A character joins the starter before it unless another of the same or a higher class, or a
    /// starter, stands between them.
    /// </summary>
    private static int Compose(List<int> text, CanonicalTable table)
    {
        int count = 0, starter = -1, lastClass = 0;
        for (int i = 0; i < text.Count; i++)
        {
            int c = text[i];
            int mark = table.Class(c);
            bool isOpen = starter >= 0 && (starter == count - 1 || lastClass < mark);
            if (isOpen && TryCompose(text[starter], c, table, out int composite))
            {
                text[starter] = composite;
                continue;
            }
            if (mark == 0) starter = count;
            lastClass = mark;
            text[count++] = c;
        }
        return count;
    }

    private static bool TryCompose(int first, int second, CanonicalTable table, out int composite)
    {
        if (first is >= LBase and < LBase + LCount && second is >= VBase and < VBase + VCount)
        {
            composite = SBase + ((((first - LBase) * VCount) + (second - VBase)) * TCount);
            return true;
        }
        if (first is >= SBase and < SBase + (LCount * VCount * TCount) && (first - SBase) % TCount == 0 && second is > TBase and < TBase + TCount)
        {
            composite = first + (second - TBase);
            return true;
        }
        return table.TryCompose(first, second, out composite);
    }
}
