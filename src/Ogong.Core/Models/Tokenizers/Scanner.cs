namespace Ogong.Models;

/// <summary>
/// Finds where the piece of well-formed <paramref name="text"/> that begins at <paramref name="start"/> ends: past its start. What a
/// scanner reads beyond the end it gives is read again at most a fixed number of times, so a whole text costs time in its length.
/// </summary>
internal delegate int Scanner(ReadOnlySpan<char> text, int start);

/// <summary>What the patterns distinguish. A carriage return or line feed is a <see cref="Newline"/>, other white space a
/// <see cref="Space"/>.</summary>
internal enum CharacterClass
{
    Letter,
    Number,
    Space,
    Newline,
    Other,
}
