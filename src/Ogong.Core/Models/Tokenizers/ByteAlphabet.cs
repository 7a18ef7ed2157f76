namespace Ogong.Models;

/// <summary>
/// The alphabet in which byte-level vocabularies spell bytes: a byte that prints in Latin-1 is the character of its value, and the 68
/// others are, in order, the characters from U+0100 on (Radford et al. 2019, the code of GPT-2).
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] s_characters = MakeCharacters();
    private static readonly short[] s_bytes = MakeBytes();

    /// <summary>The character of a byte.</summary>
    public static char OfByte(byte value) => s_characters[value];

    /// <summary>The bytes a token spells; if a character of it is outside the alphabet, the UTF-8 bytes of the token itself.</summary>
    public static byte[] Bytes(string token)
    {
        byte[] bytes = new byte[token.Length];
        for (int i = 0; i < token.Length; i++)
        {
            if (token[i] >= s_bytes.Length || s_bytes[token[i]] < 0) return System.Text.Encoding.UTF8.GetBytes(token);
            bytes[i] = (byte)s_bytes[token[i]];
        }
        return bytes;
    }

    private static char[] MakeCharacters()
    {
        char[] characters = new char[256];
        char other = '\u0100';
        for (int i = 0; i < 256; i++)
        {
            bool prints = i is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE;
            characters[i] = prints ? (char)i : other++;
        }
        return characters;
    }

    private static short[] MakeBytes()
    {
        short[] bytes = new short[0x100 + 68];
        Array.Fill(bytes, (short)-1);
        for (int i = 0; i < 256; i++) bytes[s_characters[i]] = (short)i;
        return bytes;
    }
}
