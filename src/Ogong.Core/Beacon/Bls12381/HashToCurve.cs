using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Ogong.Beacon.Bls12381;

/// <summary>RFC 9380: the suites BLS12381G1_XMD:SHA-256_SSWU_RO_ and BLS12381G2_XMD:SHA-256_SSWU_RO_.</summary>
internal static class HashToCurve
{
    private const int BlockSize = 64, ElementSize = 64; // L = ⌈(381 + 128)/8⌉

    /// <summary>A point of G1 that nobody knows the logarithm of.</summary>
    /// <param name="message">The message.</param>
    /// <param name="tag">The domain separation tag, at most 255 bytes.</param>
    public static CurvePoint<G1, Fp> ToG1(ReadOnlySpan<byte> message, ReadOnlySpan<byte> tag)
    {
        Span<byte> uniform = stackalloc byte[2 * ElementSize];
        ExpandMessage(message, tag, uniform);
        return G1.ClearCofactor(
            IsogenyG1.Map.Apply(SimplifiedSwu.G1.Map(Element(uniform, 0))) + IsogenyG1.Map.Apply(SimplifiedSwu.G1.Map(Element(uniform, 1))));
    }

    /// <summary>A point of G2 that nobody knows the logarithm of.</summary>
    /// <inheritdoc cref="ToG1"/>
    public static CurvePoint<G2, Fp2> ToG2(ReadOnlySpan<byte> message, ReadOnlySpan<byte> tag)
    {
        Span<byte> uniform = stackalloc byte[4 * ElementSize];
        ExpandMessage(message, tag, uniform);
        Fp2 u0 = new(Element(uniform, 0), Element(uniform, 1)), u1 = new(Element(uniform, 2), Element(uniform, 3));
        return G2.ClearCofactor(IsogenyG2.Map.Apply(SimplifiedSwu.G2.Map(u0)) + IsogenyG2.Map.Apply(SimplifiedSwu.G2.Map(u1)));
    }

    /// <summary>expand_message_xmd with SHA-256, section 5.3.1.</summary>
    /// <param name="message">The message.</param>
    /// <param name="tag">The domain separation tag, at most 255 bytes.</param>
    /// <param name="uniform">Receives up to 255 · 32 bytes.</param>
    public static void ExpandMessage(ReadOnlySpan<byte> message, ReadOnlySpan<byte> tag, Span<byte> uniform)
    {
        int blocks = (uniform.Length + SHA256.HashSizeInBytes - 1) / SHA256.HashSizeInBytes;
        if (tag.Length > byte.MaxValue) throw new ArgumentException("A tag is at most 255 bytes.", nameof(tag));
        if (blocks > byte.MaxValue) throw new ArgumentException("At most 8160 bytes.", nameof(uniform));

        // b0 = H(Z_pad ‖ message ‖ u16 length ‖ 0 ‖ tag'), b1 = H(b0 ‖ 1 ‖ tag'), bi = H((b0 ⊕ b(i−1)) ‖ i ‖ tag'); tag' = tag ‖ u8 length.
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[3], first = stackalloc byte[SHA256.HashSizeInBytes], block = stackalloc byte[SHA256.HashSizeInBytes];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)uniform.Length);
        hash.AppendData(stackalloc byte[BlockSize]);
        hash.AppendData(message);
        hash.AppendData(length);
        Finish(hash, tag, first);
        block.Clear();
        for (int i = 1; i <= blocks; i++)
        {
            for (int j = 0; j < block.Length; j++) block[j] ^= first[j];
            hash.AppendData(block);
            hash.AppendData([(byte)i]);
            Finish(hash, tag, block);
            Span<byte> rest = uniform[((i - 1) * SHA256.HashSizeInBytes)..];
            block[..Math.Min(block.Length, rest.Length)].CopyTo(rest);
        }
    }

    private static void Finish(IncrementalHash hash, ReadOnlySpan<byte> tag, Span<byte> result)
    {
        hash.AppendData(tag);
        hash.AppendData([(byte)tag.Length]);
        hash.GetHashAndReset(result);
    }

    private static Fp Element(ReadOnlySpan<byte> uniform, int index) => Fp.Reduce(uniform.Slice(index * ElementSize, ElementSize));
}
