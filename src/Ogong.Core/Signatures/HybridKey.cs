using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Ogong.Signatures;

/// <summary>A hybrid private key: Ed25519 and ML-DSA-44. Owns its memory and zeroes it when disposed.</summary>
/// <remarks>Safe for concurrent use. Signing allocates nothing after a thread's first use.</remarks>
public sealed class HybridKey : ISigner, IDisposable
{
    /// <summary>Joins two keys, which now belong to this one.</summary>
    public HybridKey(Ed25519PrivateKey ed25519Key, MLDsa44PrivateKey mlDsa44Key)
    {
        ArgumentNullException.ThrowIfNull(ed25519Key);
        ArgumentNullException.ThrowIfNull(mlDsa44Key);
        Ed25519Key = ed25519Key;
        MLDsa44Key = mlDsa44Key;
        PublicKey = new HybridPublicKey(ed25519Key.PublicKey, mlDsa44Key.PublicKey);
    }

    /// <inheritdoc/>
    public HybridPublicKey PublicKey { get; }

    /// <summary>The Ed25519 half.</summary>
    public Ed25519PrivateKey Ed25519Key { get; }

    /// <summary>The ML-DSA-44 half.</summary>
    public MLDsa44PrivateKey MLDsa44Key { get; }

    /// <summary>A new key, its halves independent, from the operating system's randomness.</summary>
    public static HybridKey Generate() => new(Ed25519PrivateKey.Generate(), MLDsa44PrivateKey.Generate());

    /// <summary>The key of two seeds. They must be independent: a hybrid key is as strong as the better half only if neither tells anything about the other.</summary>
    /// <param name="ed25519Seed"><see cref="Ed25519.SeedSize"/> bytes.</param>
    /// <param name="mlDsa44Seed"><see cref="MLDsa44.SeedSize"/> bytes.</param>
    /// <exception cref="ArgumentException">A length is wrong.</exception>
    public static HybridKey FromSeeds(ReadOnlySpan<byte> ed25519Seed, ReadOnlySpan<byte> mlDsa44Seed)
    {
        var ed25519Key = Ed25519PrivateKey.FromSeed(ed25519Seed);
        try
        {
            return new HybridKey(ed25519Key, MLDsa44PrivateKey.FromSeed(mlDsa44Seed));
        }
        catch
        {
            ed25519Key.Dispose();
            throw;
        }
    }

    /// <summary>Imports the two blocks of a PEM text (PKCS#8, encrypted or not), one per scheme.</summary>
    /// <param name="pem">The text, at most 65536 characters.</param>
    /// <param name="password">The password; ignored by blocks that are not encrypted.</param>
    /// <exception cref="KeyFormatException">The text does not hold exactly one good key of each scheme, or the password is wrong.</exception>
    public static HybridKey ImportPem(ReadOnlySpan<char> pem, ReadOnlySpan<char> password = default)
    {
        KeyPem.ReadPrivate(pem, password, out var ed25519Key, out var mlDsa44Key);
        try
        {
            return new HybridKey(KeyPem.Require(ed25519Key, "Ed25519"), KeyPem.Require(mlDsa44Key, "ML-DSA-44"));
        }
        catch
        {
            ed25519Key?.Dispose();
            mlDsa44Key?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void Sign(ReadOnlySpan<byte> context, ReadOnlySpan<byte> message, Span<byte> signature) =>
        HybridSignature.Sign(this, context, message, signature);

    /// <summary>Two PEM blocks, PKCS#8 and not encrypted: Ed25519, then ML-DSA-44. The caller wipes the text.</summary>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public char[] ExportPem() => Join(Ed25519Key.ExportPem(), MLDsa44Key.ExportPem());

    /// <summary>Two PEM blocks, PKCS#8 encrypted under PBES2: PBKDF2-HMAC-SHA-256 with 600 000 iterations, AES-256-CBC.</summary>
    /// <param name="password">The password, not empty.</param>
    /// <exception cref="ArgumentException">The password is empty.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public char[] ExportEncryptedPem(ReadOnlySpan<char> password) =>
        Join(Ed25519Key.ExportEncryptedPem(password), MLDsa44Key.ExportEncryptedPem(password));

    /// <summary>Zeroes and frees both halves.</summary>
    public void Dispose()
    {
        Ed25519Key.Dispose();
        MLDsa44Key.Dispose();
    }

    private static char[] Join(char[] first, char[] second)
    {
        char[] text = [.. first, '\n', .. second, '\n'];
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(first.AsSpan()));
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(second.AsSpan()));
        return text;
    }
}
