using System.Security.Cryptography;

namespace Ogong.Signatures;

/// <summary>A private key of Ed25519 (RFC 8032, section 5.1). Owns its memory and zeroes it when disposed.</summary>
/// <remarks>Signing is deterministic, constant time with respect to the key, and allocates nothing after a thread's first use. Safe for concurrent use.</remarks>
public sealed class Ed25519PrivateKey : IDisposable
{
    // The secret memory: seed ‖ scalar ‖ nonce prefix.
    private const int ScalarOffset = Ed25519.SeedSize;
    private const int PrefixOffset = ScalarOffset + Scalar.Size;

    private readonly SecretMemory memory;

    private Ed25519PrivateKey(SecretMemory memory, Ed25519PublicKey publicKey)
    {
        this.memory = memory;
        PublicKey = publicKey;
    }

    /// <summary>The key that verifies this key's signatures.</summary>
    public Ed25519PublicKey PublicKey { get; }

    /// <summary>A new key with a seed from the operating system.</summary>
    public static Ed25519PrivateKey Generate() => RandomSeed.Use(FromSeed);

    /// <summary>The key of a seed (RFC 8032, section 5.1.5).</summary>
    /// <param name="seed"><see cref="Ed25519.SeedSize"/> bytes.</param>
    /// <exception cref="ArgumentException">The length is wrong.</exception>
    public static Ed25519PrivateKey FromSeed(ReadOnlySpan<byte> seed)
    {
        if (seed.Length != Ed25519.SeedSize)
            throw new ArgumentException($"A seed of Ed25519 is {Ed25519.SeedSize} bytes.", nameof(seed));
        var memory = new SecretMemory(PrefixOffset + 32);
        using var secret = memory.Borrow();
        seed.CopyTo(secret.Bytes);
        var expanded = secret.Bytes[ScalarOffset..];
        SHA512.HashData(seed, expanded); // in one call, which leaves no hash state behind
        expanded[0] &= 0xF8;  // a multiple of the cofactor
        expanded[31] &= 0x7F; // with bit 254 the highest set
        expanded[31] |= 0x40;
        Span<byte> encoded = stackalloc byte[Ed25519.PublicKeySize];
        Multiplication.MultiplyBase(expanded[..Scalar.Size], encoded);
        Ed25519PublicKey.TryDecode(encoded, out var publicKey);
        return new Ed25519PrivateKey(memory, publicKey!);
    }

    /// <summary>Imports the Ed25519 key of a PEM text: PKCS#8, encrypted (PBES2) or not. Keys of other schemes in the text are passed over.</summary>
    /// <param name="pem">The text, at most 65536 characters.</param>
    /// <param name="password">The password; ignored by blocks that are not encrypted.</param>
    /// <exception cref="KeyFormatException">The text holds no such key, two, or a damaged one, or the password is wrong.</exception>
    public static Ed25519PrivateKey ImportPem(ReadOnlySpan<char> pem, ReadOnlySpan<char> password = default)
    {
        KeyPem.ReadPrivate(pem, password, out var ed25519Key, out var mlDsa44Key);
        mlDsa44Key?.Dispose();
        return KeyPem.Require(ed25519Key, "Ed25519");
    }

    /// <summary>Copies the seed.</summary>
    /// <param name="destination"><see cref="Ed25519.SeedSize"/> bytes, for the caller to wipe.</param>
    /// <exception cref="ArgumentException">The length is wrong.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void ExportSeed(Span<byte> destination)
    {
        if (destination.Length != Ed25519.SeedSize)
            throw new ArgumentException($"A seed of Ed25519 is {Ed25519.SeedSize} bytes.", nameof(destination));
        using var secret = memory.Borrow();
        secret.Bytes[..Ed25519.SeedSize].CopyTo(destination);
    }

    /// <summary>Signs in pure mode (RFC 8032, section 5.1.6).</summary>
    /// <param name="message">The message.</param>
    /// <param name="signature">Receives <see cref="Ed25519.SignatureSize"/> bytes.</param>
    /// <exception cref="ArgumentException">The destination has a wrong length.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void Sign(ReadOnlySpan<byte> message, Span<byte> signature) => Sign(prefix: default, message, signature);

    /// <summary>As the public method, over the message <paramref name="prefix"/> ‖ <paramref name="message"/>.</summary>
    internal void Sign(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> message, Span<byte> signature)
    {
        if (signature.Length != Ed25519.SignatureSize)
            throw new ArgumentException($"A signature of Ed25519 is {Ed25519.SignatureSize} bytes.", nameof(signature));
        using var secret = memory.Borrow();
        Span<byte> hash = stackalloc byte[Sha512.Size];
        Span<byte> nonce = stackalloc byte[Scalar.Size];
        Span<byte> k = stackalloc byte[Scalar.Size];

        // r = H(prefix ‖ M), R = r·B, k = H(R ‖ A ‖ M), S = r + k·a
        Sha512.Hash(secret.Bytes[PrefixOffset..], prefix, message, default, hash);
        Scalar.Reduce(hash, nonce);
        Multiplication.MultiplyBase(nonce, signature[..Ed25519.PublicKeySize]);
        Sha512.Hash(signature[..Ed25519.PublicKeySize], PublicKey.Bytes, prefix, message, hash);
        Scalar.Reduce(hash, k);
        Scalar.MultiplyAdd(k, secret.Bytes.Slice(ScalarOffset, Scalar.Size), nonce, signature[Ed25519.PublicKeySize..]);

        CryptographicOperations.ZeroMemory(hash);
        CryptographicOperations.ZeroMemory(nonce);
    }

    /// <summary>One PEM block, PKCS#8 and not encrypted. The caller wipes the text.</summary>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public char[] ExportPem() => KeyPem.WritePrivate(PrivateKeyInfo.Encode(this), password: default, encrypt: false);

    /// <summary>One PEM block, PKCS#8 encrypted under PBES2: PBKDF2-HMAC-SHA-256 with 600 000 iterations, AES-256-CBC.</summary>
    /// <param name="password">The password, not empty.</param>
    /// <exception cref="ArgumentException">The password is empty.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public char[] ExportEncryptedPem(ReadOnlySpan<char> password)
    {
        if (password.IsEmpty)
            throw new ArgumentException("A password must not be empty.", nameof(password));
        return KeyPem.WritePrivate(PrivateKeyInfo.Encode(this), password, encrypt: true);
    }

    /// <summary>Zeroes and frees the secret memory, once no signature is in progress.</summary>
    public void Dispose() => memory.Dispose();
}
