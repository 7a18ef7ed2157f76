namespace Ogong.Models;

/// <summary>▁ (U+2581), which stands for a space in SentencePiece's vocabularies.</summary>
internal static class SpaceMark
{
    public const char Character = '\u2581';

    public const string Text = "\u2581";
}
