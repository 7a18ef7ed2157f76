using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Ogong.Signatures;

/// <summary>A public key of ML-DSA-44 (FIPS 204), expanded once for verification: about 21 KB.</summary>
/// <remarks>Immutable and safe for concurrent use. Verifying allocates nothing.</remarks>
public sealed class MLDsa44PublicKey : IEquatable<MLDsa44PublicKey>
{
    /// <summary>Coefficients of a row of [Â | NTT(t1 · 2^d)].</summary>
    internal const int RowLength = (MLDsa44.L + 1) * MLDsa44.N;

    private const int RhoSize = 32;

    private readonly byte[] encoded;
    private readonly byte[] tr = new byte[64];                              // H(pk, 64)
    private readonly int[] matrix = new int[MLDsa44.K * RowLength];         // [Â | NTT(t1 · 2^d)], row by row

    private MLDsa44PublicKey(ReadOnlySpan<byte> encoded)
    {
        this.encoded = encoded.ToArray();
        var hash = Shake.Create256();
        hash.Absorb(encoded);
        hash.Squeeze(tr);
        Sampling.ExpandA(encoded[..RhoSize], matrix, RowLength);
        for (var i = 0; i < MLDsa44.K; i++)
        {
            var t1 = matrix.AsSpan((i * RowLength) + (MLDsa44.L * MLDsa44.N), MLDsa44.N);
            Packing.UnpackUnsigned(encoded.Slice(RhoSize + (i * MLDsa44.T1Bytes), MLDsa44.T1Bytes), 10, t1);
            foreach (ref var coefficient in t1)
                coefficient <<= MLDsa44.D;
            Ntt.Forward(t1);
        }
    }

    /// <summary>The encoding, <see cref="MLDsa44.PublicKeySize"/> bytes (<c>pkEncode</c>).</summary>
    public ReadOnlySpan<byte> Bytes => encoded;

    internal ReadOnlySpan<byte> Tr => tr;

    internal ReadOnlySpan<int> Matrix => matrix;

    /// <summary>Decodes <see cref="MLDsa44.PublicKeySize"/> bytes. Every string of that length is a key.</summary>
    /// <returns>False when the length is wrong.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> source, [NotNullWhen(true)] out MLDsa44PublicKey? key)
    {
        key = source.Length == MLDsa44.PublicKeySize ? new MLDsa44PublicKey(source) : null;
        return key is not null;
    }

    /// <summary>Imports the ML-DSA-44 key of a PEM text (SubjectPublicKeyInfo). Keys of other schemes in the text are passed over.</summary>
    /// <param name="pem">The text, at most 65536 characters.</param>
    /// <exception cref="KeyFormatException">The text holds no such key, two, or a damaged one.</exception>
    public static MLDsa44PublicKey ImportPem(ReadOnlySpan<char> pem)
    {
        KeyPem.ReadPublic(pem, out _, out var mlDsa44Key);
        return KeyPem.Require(mlDsa44Key, "ML-DSA-44");
    }

    /// <summary>One PEM block, SubjectPublicKeyInfo.</summary>
    public string ExportPem() => KeyPem.WritePublic(MLDsa44.ObjectIdentifier, encoded);

    /// <summary>ML-DSA.Verify in pure mode (FIPS 204, algorithm 3).</summary>
    /// <param name="context">The context string; longer than 255 bytes is never valid.</param>
    /// <param name="message">The message.</param>
    /// <param name="signature">The signature; any other length than 2420 bytes is never valid.</param>
    /// <returns>True exactly when the signature is valid. Hostile input never throws.</returns>
    public bool Verify(ReadOnlySpan<byte> context, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        Verify(context, prefix: default, message, signature);

    /// <summary>Verifies against a message representative computed elsewhere (external μ, FIPS 204, algorithm 8).</summary>
    /// <param name="mu">μ = H(tr ‖ M', 64); any other length than 64 bytes is never valid.</param>
    /// <param name="signature">The signature; any other length than 2420 bytes is never valid.</param>
    public bool VerifyMu(ReadOnlySpan<byte> mu, ReadOnlySpan<byte> signature) =>
        mu.Length == MLDsa44.MuSize && signature.Length == MLDsa44.SignatureSize && VerifyInternal(mu, signature);

    /// <summary>As the public method, over the message <paramref name="prefix"/> ‖ <paramref name="message"/>.</summary>
    internal bool Verify(ReadOnlySpan<byte> context, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (context.Length > MLDsa44.MaxContextSize || signature.Length != MLDsa44.SignatureSize)
            return false;
        Span<byte> mu = stackalloc byte[MLDsa44.MuSize];
        ComputeMu(context, prefix, message, mu);
        return VerifyInternal(mu, signature);
    }

    /// <summary>μ = H(tr ‖ 0 ‖ |ctx| ‖ ctx ‖ M, 64), the pure mode's message representative.</summary>
    internal void ComputeMu(ReadOnlySpan<byte> context, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> message, Span<byte> mu)
    {
        var hash = Shake.Create256();
        hash.Absorb(tr);
        hash.Absorb([0, (byte)context.Length]);
        hash.Absorb(context);
        hash.Absorb(prefix);
        hash.Absorb(message);
        hash.Squeeze(mu);
    }

    /// <summary>ML-DSA.Verify_internal (FIPS 204, algorithm 8). Everything here is public, so it may branch.</summary>
    [SkipLocalsInit]
    private bool VerifyInternal(ReadOnlySpan<byte> mu, ReadOnlySpan<byte> signature)
    {
        var challenge = signature[..MLDsa44.ChallengeSize];
        var zBytes = signature.Slice(MLDsa44.ChallengeSize, MLDsa44.L * MLDsa44.ZBytes);
        Span<int> hint = stackalloc int[MLDsa44.K * MLDsa44.N];
        Span<int> operand = stackalloc int[RowLength]; // ẑ, then −ĉ
        var z = operand[..(MLDsa44.L * MLDsa44.N)];
        var c = operand[z.Length..];
        if (!Packing.TryUnpackHint(signature[(MLDsa44.ChallengeSize + zBytes.Length)..], hint))
            return false;
        Packing.UnpackZ(zBytes, z);
        if (Rounding.NormReaches(z, MLDsa44.Gamma1 - MLDsa44.Beta))
            return false;
        Sampling.SampleInBall(challenge, c);
        foreach (ref var coefficient in c)
            coefficient = -coefficient;
        Ntt.Forward(operand);

        // w' = NTT⁻¹(Â ∘ ẑ − ĉ ∘ NTT(t1 · 2^d)), one row at a time, then its high bits under the hint
        Span<int> w = stackalloc int[MLDsa44.N];
        Span<byte> w1 = stackalloc byte[MLDsa44.K * MLDsa44.W1Bytes];
        for (var i = 0; i < MLDsa44.K; i++)
        {
            Ntt.Dot(matrix.AsSpan(i * RowLength, RowLength), operand, w);
            Ntt.Inverse(w);
            Rounding.UseHint(hint.Slice(i * MLDsa44.N, MLDsa44.N), w);
            Packing.PackUnsigned(w, 6, w1.Slice(i * MLDsa44.W1Bytes, MLDsa44.W1Bytes));
        }

        var hash = Shake.Create256();
        hash.Absorb(mu);
        hash.Absorb(w1);
        Span<byte> expected = stackalloc byte[MLDsa44.ChallengeSize];
        hash.Squeeze(expected);
        return CryptographicOperations.FixedTimeEquals(challenge, expected);
    }

    /// <summary>Equal encodings.</summary>
    public bool Equals([NotNullWhen(true)] MLDsa44PublicKey? other) => other is not null && encoded.AsSpan().SequenceEqual(other.encoded);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => Equals(obj as MLDsa44PublicKey);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(tr, 0);
}
