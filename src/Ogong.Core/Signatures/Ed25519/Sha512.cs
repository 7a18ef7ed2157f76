using System.Security.Cryptography;

namespace Ogong.Signatures;

/// <summary>SHA-512 over several spans in a row, by the platform, without allocating after a thread's first use.</summary>
internal static class Sha512
{
    public const int Size = 64;

    [ThreadStatic]
    private static IncrementalHash? threadHash;

    /// <summary>The hash of a ‖ b ‖ c ‖ d.</summary>
    /// <remarks>The thread's hash may keep the last block of input until it is used again: a secret that comes first is overwritten by the next hash of a block or more.</remarks>
    public static void Hash(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, ReadOnlySpan<byte> c, ReadOnlySpan<byte> d, Span<byte> destination)
    {
        var hash = threadHash ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        hash.AppendData(a);
        hash.AppendData(b);
        hash.AppendData(c);
        hash.AppendData(d);
        hash.GetHashAndReset(destination);
    }
}
