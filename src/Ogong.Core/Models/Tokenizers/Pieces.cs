using System.Text;

namespace Ogong.Models;

/// <summary>Cuts stretches of text and hands the pieces to a merger.</summary>
internal sealed class Pieces(BpeMerger merger, BpeSteps steps)
{
    private char[] _spelling = [];

    public void Add(ReadOnlySpan<char> text) => Cut(text, 0);

    private void Cut(ReadOnlySpan<char> text, int scanner)
    {
        if (scanner == steps.Scanners.Count)
        {
            merger.Encode(steps.IsByteLevel ? Spell(text) : text);
            return;
        }
        for (int at = 0; at < text.Length;)
        {
            int end = steps.Scanners[scanner](text, at);
            Cut(text[at..end], scanner + 1);
            at = end;
        }
    }

    /// <summary>A piece's bytes in the alphabet of the vocabulary.</summary>
    private ReadOnlySpan<char> Spell(ReadOnlySpan<char> piece)
    {
        if (_spelling.Length < 3L * piece.Length) _spelling = new char[Math.Max(256, 3 * piece.Length)];
        int count = 0;
        Span<byte> bytes = stackalloc byte[4];
        foreach (Rune rune in piece.EnumerateRunes())
        {
            int length = rune.EncodeToUtf8(bytes);
            foreach (byte value in bytes[..length]) _spelling[count++] = ByteAlphabet.OfByte(value);
        }
        return _spelling.AsSpan(0, count);
    }
}
