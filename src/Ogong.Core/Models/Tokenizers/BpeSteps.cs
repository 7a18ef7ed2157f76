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
