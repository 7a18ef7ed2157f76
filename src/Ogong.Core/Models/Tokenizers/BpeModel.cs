using System.Text;

namespace Ogong.Models;

/// <summary>A vocabulary and the rule by which its tokens grow out of characters. Immutable.</summary>
internal sealed class BpeModel
{
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _tokens;

    /// <param name="tokens">The tokens that characters and whole pieces are looked up in.</param>
    /// <param name="rule">How symbols merge.</param>
    public BpeModel(Dictionary<string, int> tokens, MergeRule rule)
    {
        _tokens = tokens.GetAlternateLookup<ReadOnlySpan<char>>();
        Rule = rule;
    }

    public MergeRule Rule { get; }

    /// <summary>Whether a piece that is a token becomes it without merging.</summary>
    public bool IgnoresMerges { get; init; }

    /// <summary>What a character becomes that neither is a token nor has its bytes in <see cref="ByteTokens"/>; null drops it.</summary>
    public int? Unknown { get; init; }

    /// <summary>Whether unknown characters in a row become one unknown token.</summary>
    public bool FusesUnknown { get; init; }

    /// <summary>The token of each byte, negative where there is none, for characters that are no token; null for no such tokens.</summary>
    public int[]? ByteTokens { get; init; }

    /// <summary>The token of a text, or −1.</summary>
    public int Find(ReadOnlySpan<char> text) => _tokens.TryGetValue(text, out int token) ? token : -1;

    /// <summary>Adds the tokens of a character's UTF-8 bytes, if all of them have one.</summary>
    public bool TryAddBytes(ReadOnlySpan<char> character, List<int> output)
    {
        if (ByteTokens is not { } byteTokens) return false;
        Span<byte> bytes = stackalloc byte[4];
        bytes = bytes[..Encoding.UTF8.GetBytes(character, bytes)];
        foreach (byte value in bytes)
            if (byteTokens[value] < 0) return false;
        foreach (byte value in bytes) output.Add(byteTokens[value]);
        return true;
    }

    /// <summary>The tokens <c>&lt;0xHH&gt;</c>, by byte, negative where there is none; null if there is not one.</summary>
    public static int[]? FindByteTokens(Func<string, int> find)
    {
        int[] tokens = new int[256];
        for (int i = 0; i < 256; i++) tokens[i] = find($"<0x{i:X2}>");
        return Array.TrueForAll(tokens, static token => token < 0) ? null : tokens;
    }
}
