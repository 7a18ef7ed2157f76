using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Ogong.Signatures;

/// <summary>A hybrid public key: Ed25519 (32 bytes) ‖ ML-DSA-44 (1312 bytes), prepared once for verification (about 24 KB).</summary>
/// <remarks>Immutable and safe for concurrent use. <see cref="Verify"/> allocates nothing after a thread's first use.</remarks>
public sealed class HybridPublicKey : IEquatable<HybridPublicKey>
{
    /// <summary>Bytes of an encoded key.</summary>
    public const int Size = Ed25519.PublicKeySize + MLDsa44.PublicKeySize;

    /// <summary>Bytes of <see cref="KeyId"/>.</summary>
    public const int KeyIdSize = SHA256.HashSizeInBytes;

    private readonly byte[] encoded = new byte[Size];
    private readonly byte[] keyId;

    /// <summary>Joins the two halves.</summary>
    public HybridPublicKey(Ed25519PublicKey ed25519Key, MLDsa44PublicKey mlDsa44Key)
    {
        ArgumentNullException.ThrowIfNull(ed25519Key);
        ArgumentNullException.ThrowIfNull(mlDsa44Key);
        Ed25519Key = ed25519Key;
        MLDsa44Key = mlDsa44Key;
        ed25519Key.Bytes.CopyTo(encoded);
        mlDsa44Key.Bytes.CopyTo(encoded.AsSpan(Ed25519.PublicKeySize));
        keyId = SHA256.HashData([.. KeyIdTag, .. encoded]);
    }

    /// <summary>The Ed25519 half.</summary>
    public Ed25519PublicKey Ed25519Key { get; }

    /// <summary>The ML-DSA-44 half.</summary>
    public MLDsa44PublicKey MLDsa44Key { get; }

    /// <summary>The encoding, <see cref="Size"/> bytes.</summary>
    public ReadOnlySpan<byte> Bytes => encoded;

    /// <summary>The key's name in records: SHA-256 over a tag of 32 bytes and the encoding.</summary>
    public ReadOnlySpan<byte> KeyId => keyId;

    private static ReadOnlySpan<byte> KeyIdTag => "Ogong hybrid public key id, v1.\0"u8;

    /// <summary>Decodes <see cref="Size"/> bytes.</summary>
    /// <returns>False when the length is wrong or a half is no key; never throws.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> source, [NotNullWhen(true)] out HybridPublicKey? key)
    {
        key = null;
        if (source.Length == Size
            && Ed25519PublicKey.TryDecode(source[..Ed25519.PublicKeySize], out var ed25519Key)
            && MLDsa44PublicKey.TryDecode(source[Ed25519.PublicKeySize..], out var mlDsa44Key))
            key = new HybridPublicKey(ed25519Key, mlDsa44Key);
        return key is not null;
    }

    /// <summary>Imports the two blocks of a PEM text (SubjectPublicKeyInfo), one per scheme.</summary>
    /// <param name="pem">The text, at most 65536 characters.</param>
    /// <exception cref="KeyFormatException">The text does not hold exactly one good key of each scheme.</exception>
    public static HybridPublicKey ImportPem(ReadOnlySpan<char> pem)
    {
        KeyPem.ReadPublic(pem, out var ed25519Key, out var mlDsa44Key);
        return new HybridPublicKey(KeyPem.Require(ed25519Key, "Ed25519"), KeyPem.Require(mlDsa44Key, "ML-DSA-44"));
    }

    /// <summary>Two PEM blocks, SubjectPublicKeyInfo: Ed25519, then ML-DSA-44.</summary>
    public string ExportPem() => Ed25519Key.ExportPem() + "\n" + MLDsa44Key.ExportPem() + "\n";

    /// <summary>Verifies a hybrid signature.</summary>
    /// <param name="context">The context it was made for; longer than 255 bytes is never valid.</param>
    /// <param name="message">The message.</param>
    /// <param name="signature">The signature; any other length than <see cref="HybridSignature.Size"/> bytes is never valid.</param>
    /// <returns>True exactly when both halves are valid. Hostile input never throws.</returns>
    public bool Verify(ReadOnlySpan<byte> context, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        HybridSignature.Verify(this, context, message, signature);

    /// <summary>Equal encodings.</summary>
    public bool Equals([NotNullWhen(true)] HybridPublicKey? other) => other is not null && encoded.AsSpan().SequenceEqual(other.encoded);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => Equals(obj as HybridPublicKey);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(keyId, 0);

    /// <summary>The key id in hexadecimal.</summary>
    public override string ToString() => Convert.ToHexStringLower(keyId);
}
