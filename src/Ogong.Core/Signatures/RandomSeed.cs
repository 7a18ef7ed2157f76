using System.Security.Cryptography;

namespace Ogong.Signatures;

/// <summary>Makes a key from a seed.</summary>
internal delegate TKey KeyOfSeed<out TKey>(ReadOnlySpan<byte> seed);

/// <summary>Seeds of 32 bytes from the operating system, wiped after use.</summary>
internal static class RandomSeed
{
    public const int Size = 32;

    public static TKey Use<TKey>(KeyOfSeed<TKey> make)
    {
        Span<byte> seed = stackalloc byte[Size];
        RandomNumberGenerator.Fill(seed);
        try
        {
            return make(seed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }
}
