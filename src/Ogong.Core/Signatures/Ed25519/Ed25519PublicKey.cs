using System.Diagnostics.CodeAnalysis;

namespace Ogong.Signatures;

/// <summary>A public key of Ed25519 (RFC 8032, section 5.1), prepared once for verification: about 3 KB.</summary>
/// <remarks><para>Verification is strict, so that every implementation of the same rules agrees: A must be the canonical encoding of a point that is not of small order;
/// S must be below L; R must be the canonical encoding of S·B − k·A, compared as bytes (no cofactor), and not of small order.</para>
/// <para>Immutable and safe for concurrent use. Verifying allocates nothing after a thread's first use.</para></remarks>
public sealed class Ed25519PublicKey : IEquatable<Ed25519PublicKey>
{
    private readonly byte[] encoded;
    private readonly CachedPoint[] table = new CachedPoint[Multiplication.KeyTableLength];
    private readonly CachedPoint[] tableHigh = new CachedPoint[Multiplication.KeyTableLength];

    private Ed25519PublicKey(ReadOnlySpan<byte> encoded, EdwardsPoint a)
    {
        this.encoded = encoded.ToArray();
        CachedPoint.WriteOddMultiples(a, table);
        for (var i = 0; i < 128; i++)
            a.Double();
        CachedPoint.WriteOddMultiples(a, tableHigh);
    }

    /// <summary>The encoding of A, <see cref="Ed25519.PublicKeySize"/> bytes.</summary>
    public ReadOnlySpan<byte> Bytes => encoded;

    /// <summary>Decodes <see cref="Ed25519.PublicKeySize"/> bytes.</summary>
    /// <returns>False when the length is wrong, the encoding is not canonical, there is no such point, or it is of small order.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> source, [NotNullWhen(true)] out Ed25519PublicKey? key)
    {
        key = null;
        if (source.Length == Ed25519.PublicKeySize && EdwardsPoint.TryDecode(source, out var a) && !a.HasSmallOrder())
            key = new Ed25519PublicKey(source, a);
        return key is not null;
    }

    /// <summary>Imports the Ed25519 key of a PEM text (SubjectPublicKeyInfo). Keys of other schemes in the text are passed over.</summary>
    /// <param name="pem">The text, at most 65536 characters.</param>
    /// <exception cref="KeyFormatException">The text holds no such key, two, or a damaged one.</exception>
    public static Ed25519PublicKey ImportPem(ReadOnlySpan<char> pem)
    {
        KeyPem.ReadPublic(pem, out var ed25519Key, out _);
        return KeyPem.Require(ed25519Key, "Ed25519");
    }

    /// <summary>One PEM block, SubjectPublicKeyInfo.</summary>
    public string ExportPem() => KeyPem.WritePublic(Ed25519.ObjectIdentifier, encoded);

    /// <summary>Verifies a pure Ed25519 signature.</summary>
    /// <param name="message">The message.</param>
    /// <param name="signature">R ‖ S; any other length than 64 bytes is never valid.</param>
    /// <returns>True exactly when the signature is valid. Hostile input never throws.</returns>
    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) => Verify(prefix: default, message, signature);

    /// <summary>As the public method, over the message <paramref name="prefix"/> ‖ <paramref name="message"/>.</summary>
    internal bool Verify(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != Ed25519.SignatureSize
            || !Scalar.IsCanonical(signature[Ed25519.PublicKeySize..])
            || SmallOrderEncodings.Contains(signature[..Ed25519.PublicKeySize]))
            return false;
        return EquationHolds(prefix, message, signature);
    }

    /// <summary>Whether R = S·B − k·A with k = H(R ‖ A ‖ M) mod L, for 64 bytes.</summary>
    internal bool EquationHolds(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        var r = signature[..Ed25519.PublicKeySize];
        Span<byte> hash = stackalloc byte[Sha512.Size];
        Span<byte> k = stackalloc byte[Scalar.Size];
        Span<byte> expected = stackalloc byte[Ed25519.PublicKeySize];
        Sha512.Hash(r, encoded, prefix, message, hash);
        Scalar.Reduce(hash, k);
        Multiplication.MultiplySubtract(signature[Ed25519.PublicKeySize..], k, table, tableHigh, expected);
        return r.SequenceEqual(expected);
    }

    /// <summary>Equal encodings.</summary>
    public bool Equals([NotNullWhen(true)] Ed25519PublicKey? other) => other is not null && encoded.AsSpan().SequenceEqual(other.encoded);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => Equals(obj as Ed25519PublicKey);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(encoded, 0);
}
