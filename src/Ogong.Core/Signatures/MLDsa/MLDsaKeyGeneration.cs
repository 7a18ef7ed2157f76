using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Ogong.Signatures;

/// <summary>Key generation and the expanded private key ρ ‖ K ‖ tr ‖ s1 ‖ s2 ‖ t0 (FIPS 204, algorithms 6, 24 and 25).</summary>
internal static class MLDsaKeyGeneration
{
    private const int RhoSize = 32;
    private const int KOffset = 32;
    private const int TrOffset = 64;
    private const int S1Offset = 128;
    private const int T0Offset = S1Offset + ((MLDsa44.L + MLDsa44.K) * MLDsa44.EtaBytes);
    private const int SecretCoefficients = (MLDsa44.L + MLDsa44.K) * MLDsa44.N;

    /// <summary>K, the seed of the masks.</summary>
    public static ReadOnlySpan<byte> SigningSeed(ReadOnlySpan<byte> expanded) => expanded.Slice(KOffset, 32);

    /// <summary>Generates the key pair of ξ and writes <c>skEncode</c>.</summary>
    [SkipLocalsInit]
    public static MLDsa44PublicKey Generate(ReadOnlySpan<byte> seed, Span<byte> expanded)
    {
        // (ρ, ρ', K) = H(ξ ‖ k ‖ l, 128)
        Span<byte> seeds = stackalloc byte[128];
        var hash = Shake.Create256();
        hash.Absorb(seed);
        hash.Absorb([MLDsa44.K, MLDsa44.L]);
        hash.Squeeze(seeds);
        hash.Clear();
        seeds[..32].CopyTo(expanded);
        seeds[96..].CopyTo(expanded[KOffset..]);

        Span<int> s = stackalloc int[SecretCoefficients];
        Sampling.ExpandS(seeds.Slice(32, 64), s);
        Packing.PackBelow(s, 3, MLDsa44.Eta, expanded[S1Offset..T0Offset]);

        Span<byte> encoded = stackalloc byte[MLDsa44.PublicKeySize];
        ComputePublicKey(expanded[..RhoSize], s, encoded, expanded[T0Offset..]);
        MLDsa44PublicKey.TryDecode(encoded, out var publicKey);
        publicKey!.Tr.CopyTo(expanded[TrOffset..]);

        CryptographicOperations.ZeroMemory(seeds);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(s));
        return publicKey;
    }

    /// <summary>The transforms ŝ1 ‖ ŝ2 ‖ t̂0 that signing multiplies by.</summary>
    /// <returns>False when s1 or s2 has a coefficient outside [−η, η].</returns>
    public static bool TryTransform(ReadOnlySpan<byte> expanded, Span<int> transforms)
    {
        var s = transforms[..SecretCoefficients];
        var t0 = transforms[SecretCoefficients..];
        Packing.UnpackBelow(expanded[S1Offset..T0Offset], 3, MLDsa44.Eta, s);
        if (Rounding.NormReaches(s, MLDsa44.Eta + 1))
            return false;
        Packing.UnpackBelow(expanded[T0Offset..], MLDsa44.D, 1 << (MLDsa44.D - 1), t0);
        Ntt.Forward(transforms);
        return true;
    }

    /// <summary>The public key of an expanded private key.</summary>
    /// <returns>False when t0 or tr is not the one of ρ, s1 and s2.</returns>
    [SkipLocalsInit]
    public static bool TryRecoverPublicKey(ReadOnlySpan<byte> expanded, [NotNullWhen(true)] out MLDsa44PublicKey? publicKey)
    {
        Span<int> s = stackalloc int[SecretCoefficients];
        Span<byte> t0 = stackalloc byte[MLDsa44.K * MLDsa44.T0Bytes];
        Span<byte> encoded = stackalloc byte[MLDsa44.PublicKeySize];
        Packing.UnpackBelow(expanded[S1Offset..T0Offset], 3, MLDsa44.Eta, s);
        ComputePublicKey(expanded[..RhoSize], s, encoded, t0);
        MLDsa44PublicKey.TryDecode(encoded, out publicKey);
        var consistent = CryptographicOperations.FixedTimeEquals(t0, expanded[T0Offset..])
            & CryptographicOperations.FixedTimeEquals(publicKey!.Tr, expanded[TrOffset..S1Offset]);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(s));
        CryptographicOperations.ZeroMemory(t0);
        if (!consistent)
            publicKey = null;
        return consistent;
    }

    /// <summary>(t1, t0) = Power2Round(A·s1 + s2): writes <c>pkEncode</c> and the packed t0.</summary>
    [SkipLocalsInit]
    private static void ComputePublicKey(ReadOnlySpan<byte> rho, ReadOnlySpan<int> s, Span<byte> publicKey, Span<byte> t0Bytes)
    {
        Span<int> matrix = stackalloc int[MLDsa44.K * MLDsa44.L * MLDsa44.N];
        Span<int> s1 = stackalloc int[MLDsa44.L * MLDsa44.N];
        Span<int> t1 = stackalloc int[MLDsa44.N];
        Span<int> t0 = stackalloc int[MLDsa44.N];
        Sampling.ExpandA(rho, matrix, s1.Length);
        s[..s1.Length].CopyTo(s1);
        Ntt.Forward(s1);
        rho.CopyTo(publicKey);
        for (var i = 0; i < MLDsa44.K; i++)
        {
            Ntt.Dot(matrix.Slice(i * s1.Length, s1.Length), s1, t1);
            Ntt.Inverse(t1);
            Rounding.AddCanonical(t1, s.Slice(s1.Length + (i * MLDsa44.N), MLDsa44.N));
            Rounding.Power2Round(t1, t0);
            Packing.PackUnsigned(t1, 10, publicKey.Slice(RhoSize + (i * MLDsa44.T1Bytes), MLDsa44.T1Bytes));
            Packing.PackBelow(t0, MLDsa44.D, 1 << (MLDsa44.D - 1), t0Bytes.Slice(i * MLDsa44.T0Bytes, MLDsa44.T0Bytes));
        }
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(s1));
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(t0));
    }
}
