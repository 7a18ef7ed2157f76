using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Ogong.Signatures;

/// <summary>PEM text (RFC 7468) holding one block per scheme, in any order; blocks of other algorithms are passed over.</summary>
internal static class KeyPem
{
    /// <summary>Longest text read, in characters.</summary>
    public const int MaxLength = 1 << 16;

    /// <summary>Most blocks read: bounds how often a key derivation runs.</summary>
    private const int MaxBlocks = 8;

    private const string PrivateLabel = "PRIVATE KEY";
    private const string EncryptedLabel = "ENCRYPTED PRIVATE KEY";
    private const string PublicLabel = "PUBLIC KEY";

    /// <summary>Writes one private key; the password is null for an unencrypted block. The caller wipes the text.</summary>
    public static char[] WritePrivate(byte[] privateKeyInfo, ReadOnlySpan<char> password, bool encrypt)
    {
        try
        {
            return encrypt
                ? PemEncoding.Write(EncryptedLabel, EncryptedPrivateKeyInfo.Encrypt(privateKeyInfo, password))
                : PemEncoding.Write(PrivateLabel, privateKeyInfo);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(privateKeyInfo);
        }
    }

    /// <summary>Writes one public key.</summary>
    public static string WritePublic(string objectIdentifier, ReadOnlySpan<byte> publicKey) =>
        PemEncoding.WriteString(PublicLabel, SubjectPublicKeyInfo.Encode(objectIdentifier, publicKey));

    /// <summary>Reads the private keys of the text, at most one of each scheme; the caller disposes them.</summary>
    /// <exception cref="KeyFormatException">A block is malformed, does not decrypt, or comes twice.</exception>
    public static void ReadPrivate(ReadOnlySpan<char> pem, ReadOnlySpan<char> password, out Ed25519PrivateKey? ed25519Key, out MLDsa44PrivateKey? mlDsa44Key)
    {
        ed25519Key = null;
        mlDsa44Key = null;
        try
        {
            foreach (var block in new Blocks(pem))
            {
                if (block.Label is not (PrivateLabel or EncryptedLabel))
                    continue;
                DecodePrivate(block, password, out var nextEd25519, out var nextMLDsa44);
                RequireOnlyOne(ed25519Key, nextEd25519);
                RequireOnlyOne(mlDsa44Key, nextMLDsa44);
                ed25519Key ??= nextEd25519;
                mlDsa44Key ??= nextMLDsa44;
            }
        }
        catch
        {
            ed25519Key?.Dispose();
            mlDsa44Key?.Dispose();
            throw;
        }
    }

    /// <summary>Reads the public keys of the text, at most one of each scheme.</summary>
    /// <exception cref="KeyFormatException">A block is malformed or comes twice.</exception>
    public static void ReadPublic(ReadOnlySpan<char> pem, out Ed25519PublicKey? ed25519Key, out MLDsa44PublicKey? mlDsa44Key)
    {
        ed25519Key = null;
        mlDsa44Key = null;
        foreach (var block in new Blocks(pem))
        {
            if (block.Label != PublicLabel)
                continue;
            try
            {
                SubjectPublicKeyInfo.Decode(block.Data, out var nextEd25519, out var nextMLDsa44);
                RequireOnlyOne(ed25519Key, nextEd25519);
                RequireOnlyOne(mlDsa44Key, nextMLDsa44);
                ed25519Key ??= nextEd25519;
                mlDsa44Key ??= nextMLDsa44;
            }
            catch (AsnContentException exception)
            {
                throw new KeyFormatException("The public key is not well-formed DER.", exception);
            }
        }
    }

    /// <summary>The key, or the failure that says which one is missing.</summary>
    public static T Require<T>(T? key, string scheme)
        where T : class => key ?? throw new KeyFormatException($"The text holds no {scheme} key of the wanted kind.");

    private static void DecodePrivate(Block block, ReadOnlySpan<char> password, out Ed25519PrivateKey? ed25519Key, out MLDsa44PrivateKey? mlDsa44Key)
    {
        var der = block.Data;
        try
        {
            if (block.Label == EncryptedLabel)
            {
                if (password.IsEmpty)
                    throw new KeyFormatException("The private key is encrypted and no password was given.");
                der = EncryptedPrivateKeyInfo.Decrypt(der, password);
            }
            PrivateKeyInfo.Decode(der, out ed25519Key, out mlDsa44Key);
        }
        catch (AsnContentException exception)
        {
            throw new KeyFormatException("The private key is not well-formed DER, or does not decrypt under this password.", exception);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(block.Data);
            CryptographicOperations.ZeroMemory(der);
        }
    }

    private static void RequireOnlyOne(object? first, object? second)
    {
        if (first is null || second is null)
            return;
        (second as IDisposable)?.Dispose();
        throw new KeyFormatException("The text holds two keys of one scheme.");
    }

    private readonly record struct Block(string Label, byte[] Data);

    /// <summary>Enumerates the blocks of a text.</summary>
    private ref struct Blocks(ReadOnlySpan<char> text)
    {
        private ReadOnlySpan<char> rest = text.Length <= MaxLength ? text : throw new KeyFormatException($"A key file is at most {MaxLength} characters.");
        private int count;

        public Block Current { get; private set; }

        public readonly Blocks GetEnumerator() => this;

        public bool MoveNext()
        {
            if (!PemEncoding.TryFind(rest, out var fields))
                return false;
            if (++count > MaxBlocks)
                throw new KeyFormatException($"A key file holds at most {MaxBlocks} blocks.");
            var data = GC.AllocateUninitializedArray<byte>(fields.DecodedDataLength, pinned: true);
            Convert.TryFromBase64Chars(rest[fields.Base64Data], data, out _);
            Current = new Block(rest[fields.Label].ToString(), data);
            rest = rest[fields.Location.End..];
            return true;
        }
    }
}
