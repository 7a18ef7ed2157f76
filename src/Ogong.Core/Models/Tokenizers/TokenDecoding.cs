using System.Globalization;
using System.Text;

namespace Ogong.Models;

/// <summary>How a token's spelling becomes the bytes it stands for, and what a decoded text loses at its start.</summary>
internal sealed record TokenDecoding
{
    /// <summary>Whether spellings are in <see cref="ByteAlphabet"/>.</summary>
    public bool IsByteLevel { get; init; }

    /// <summary>Whether ▁ is a space.</summary>
    public bool HasSpaceMarks { get; init; }

    /// <summary>Whether <c>&lt;0xHH&gt;</c> is a byte.</summary>
    public bool HasByteTokens { get; init; }

    /// <summary>What a decoded text loses at its start.</summary>
    public LeadingSpace LeadingSpace { get; init; }

    /// <summary>The bytes a token stands for.</summary>
    public byte[] Bytes(string spelling)
    {
        if (IsByteLevel) return ByteAlphabet.Bytes(spelling);
        if (HasByteTokens && spelling.Length == 6 && spelling.StartsWith("<0x", StringComparison.Ordinal) && spelling[5] == '>'
            && byte.TryParse(spelling.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value)) return [value];
        return Encoding.UTF8.GetBytes(HasSpaceMarks ? spelling.Replace(SpaceMark.Character, ' ') : spelling);
    }
}
