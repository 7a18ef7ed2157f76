namespace Ogong.Models;

/// <summary>Whether and where a ▁ goes before a text.</summary>
internal enum SpacePrefix
{
    None,

    /// <summary>Before every stretch between added tokens, when it is normalised.</summary>
    Always,

    /// <summary>Before every stretch between added tokens that does not begin with one.</summary>
    WhereMissing,

    /// <summary>Before the text, unless it begins with one or with an added token.</summary>
    FirstWhereMissing,
}

/// <summary>The steps of encoding but for the model itself.</summary>
internal sealed record BpeSteps
{
    /// <summary>Tokens matched in the text as it is.</summary>
    public required AddedTokens RawTokens { get; init; }

    /// <summary>Tokens matched in what the normaliser made of the rest.</summary>
    public required AddedTokens NormalizedTokens { get; init; }

    /// <summary>Whether the normaliser composes characters (Unicode's form NFC).</summary>
    public bool Composes { get; init; }

    /// <summary>Whether spaces become ▁.</summary>
    public bool MarksSpaces { get; init; }

    /// <summary>Where a ▁ is put.</summary>
    public SpacePrefix SpacePrefix { get; init; }

    /// <summary>What cuts a text into pieces, each scanner inside the pieces of the one before.</summary>
    public IReadOnlyList<Scanner> Scanners { get; init; } = [];

    /// <summary>Whether a space is put before a stretch that does not begin with one, ahead of the scanners.</summary>
    public bool AddsSpace { get; init; }

    /// <summary>Whether the vocabulary spells bytes in <see cref="ByteAlphabet"/>.</summary>
    public bool IsByteLevel { get; init; }

    /// <summary>Tokens put before a text.</summary>
    public IReadOnlyList<int> Before { get; init; } = [];

    /// <summary>Tokens put after a text.</summary>
    public IReadOnlyList<int> After { get; init; } = [];

    /// <summary>What the normaliser makes of a text.</summary>
    public string Normalize(string text)
    {
        if (Composes) text = CanonicalComposition.Compose(text);
        return SpacePrefix == SpacePrefix.Always ? Mark(text, prefix: text.Length > 0) : text;
    }

    /// <summary>What goes to the scanners of a normalised stretch.</summary>
    public string Prepare(string text, bool first)
    {
        bool missing = text.Length > 0 && text[0] != SpaceMark.Character && !(MarksSpaces && text[0] == ' ');
        bool wanted = SpacePrefix == SpacePrefix.WhereMissing || (SpacePrefix == SpacePrefix.FirstWhereMissing && first);
        text = Mark(text, wanted && missing);
        return AddsSpace && text.Length > 0 && text[0] != ' ' ? " " + text : text;
    }

    private string Mark(string text, bool prefix)
    {
        if (MarksSpaces) text = text.Replace(' ', SpaceMark.Character);
        return prefix ? SpaceMark.Text + text : text;
    }
}

/// <summary>Byte-pair encoding in the forms that Llama, Mistral and Qwen use.</summary>
internal sealed class BpeTokenizer(BpeModel model, BpeSteps steps, TokenTexts texts, LeadingSpace leadingSpace) : Tokenizer
{
    private protected override TokenTexts Texts => texts;

    private protected override LeadingSpace LeadingSpace => leadingSpace;

    public override int[] Encode(string text, bool addSpecial = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        text = WellFormed(text);
        var tokens = new List<int>();
        if (addSpecial) tokens.AddRange(steps.Before);
        var pieces = new Pieces(new BpeMerger(model, tokens), steps);
        foreach (TextSection section in steps.RawTokens.Split(text))
        {
            if (section.Token >= 0) tokens.Add(section.Token);
            else EncodeNormalized(steps.Normalize(text[section.Start..section.End]), section.Start == 0, pieces, tokens);
        }
        if (addSpecial) tokens.AddRange(steps.After);
        return [.. tokens];
    }

    private void EncodeNormalized(string text, bool first, Pieces pieces, List<int> tokens)
    {
        foreach (TextSection section in steps.NormalizedTokens.Split(text))
        {
            if (section.Token >= 0) tokens.Add(section.Token);
            else pieces.Add(steps.Prepare(text[section.Start..section.End], first && section.Start == 0));
        }
    }

    /// <summary>The text with U+FFFD for every surrogate without its partner.</summary>
    private static string WellFormed(string text)
    {
        int at = 0;
        while (at < text.Length && !char.IsSurrogate(text[at])) at++;
        return at == text.Length ? text : string.Create(text.Length, text, static (target, source) =>
        {
            source.CopyTo(target);
            for (int i = 0; i < target.Length; i++)
            {
                if (i + 1 < target.Length && char.IsSurrogatePair(target[i], target[i + 1])) i++;
                else if (char.IsSurrogate(target[i])) target[i] = '\uFFFD';
            }
        });
    }
}

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
        foreach (System.Text.Rune rune in piece.EnumerateRunes())
        {
            int length = rune.EncodeToUtf8(bytes);
            foreach (byte value in bytes[..length]) _spelling[count++] = ByteAlphabet.OfByte(value);
        }
        return _spelling.AsSpan(0, count);
    }
}
