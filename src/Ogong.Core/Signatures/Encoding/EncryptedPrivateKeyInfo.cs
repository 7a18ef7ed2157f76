using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Ogong.Signatures;

/// <summary>EncryptedPrivateKeyInfo (RFC 5958) under PBES2 (RFC 8018): PBKDF2 with HMAC-SHA-2 and AES-CBC, all from the platform.</summary>
internal static class EncryptedPrivateKeyInfo
{
    /// <summary>PBKDF2 iterations of a new file.</summary>
    public const int Iterations = 600_000;

    /// <summary>The most iterations that reading a file will spend: a few seconds.</summary>
    public const int MaxIterations = 10_000_000;

    private const string Pbes2 = "1.2.840.113549.1.5.13";
    private const string Pbkdf2 = "1.2.840.113549.1.5.12";
    private const string HmacSha256 = "1.2.840.113549.2.9";
    private const string HmacSha384 = "1.2.840.113549.2.10";
    private const string HmacSha512 = "1.2.840.113549.2.11";
    private const string Aes128Cbc = "2.16.840.1.101.3.4.1.2";
    private const string Aes192Cbc = "2.16.840.1.101.3.4.1.22";
    private const string Aes256Cbc = "2.16.840.1.101.3.4.1.42";
    private const int SaltSize = 16;
    private const int BlockSize = 16;
    private const int MaxSaltSize = 1024;

    /// <summary>Encrypts a PrivateKeyInfo: PBKDF2-HMAC-SHA-256, AES-256-CBC, fresh salt and vector.</summary>
    public static byte[] Encrypt(ReadOnlySpan<byte> privateKeyInfo, ReadOnlySpan<char> password)
    {
        Span<byte> salt = stackalloc byte[SaltSize];
        Span<byte> vector = stackalloc byte[BlockSize];
        RandomNumberGenerator.Fill(salt);
        RandomNumberGenerator.Fill(vector);
        byte[] ciphertext;
        using (var aes = DeriveCipher(password, salt, Iterations, HashAlgorithmName.SHA256, 32))
            ciphertext = aes.EncryptCbc(privateKeyInfo, vector);

        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Pbes2);
                using (writer.PushSequence())
                {
                    using (writer.PushSequence())
                    {
                        writer.WriteObjectIdentifier(Pbkdf2);
                        using (writer.PushSequence())
                        {
                            writer.WriteOctetString(salt);
                            writer.WriteInteger(Iterations);
                            using (writer.PushSequence())
                            {
                                writer.WriteObjectIdentifier(HmacSha256);
                                writer.WriteNull();
                            }
                        }
                    }
                    using (writer.PushSequence())
                    {
                        writer.WriteObjectIdentifier(Aes256Cbc);
                        writer.WriteOctetString(vector);
                    }
                }
            }
            writer.WriteOctetString(ciphertext);
        }
        return writer.Encode();
    }

    /// <summary>Decrypts to a PrivateKeyInfo, for the caller to wipe.</summary>
    /// <exception cref="AsnContentException">Not DER of the expected shape.</exception>
    /// <exception cref="KeyFormatException">Another encryption, or another password.</exception>
    public static byte[] Decrypt(ReadOnlyMemory<byte> der, ReadOnlySpan<char> password)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var info = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var algorithm = info.ReadSequence();
        RequireIdentifier(algorithm.ReadObjectIdentifier(), Pbes2);
        var ciphertext = info.ReadOctetString();
        info.ThrowIfNotEmpty();

        var parameters = algorithm.ReadSequence();
        algorithm.ThrowIfNotEmpty();
        var derivation = parameters.ReadSequence();
        var cipher = parameters.ReadSequence();
        parameters.ThrowIfNotEmpty();

        RequireIdentifier(derivation.ReadObjectIdentifier(), Pbkdf2);
        var pbkdf2 = derivation.ReadSequence();
        derivation.ThrowIfNotEmpty();
        var salt = pbkdf2.ReadOctetString();
        if (salt.Length > MaxSaltSize || !pbkdf2.TryReadInt32(out var iterations) || iterations is < 1 or > MaxIterations)
            throw new KeyFormatException($"The PBKDF2 salt is over {MaxSaltSize} bytes or its iterations are not 1 to {MaxIterations}.");
        int? keyLength = null;
        if (pbkdf2.HasData && pbkdf2.PeekTag().HasSameClassAndValue(Asn1Tag.Integer))
            keyLength = pbkdf2.TryReadInt32(out var length) ? length : -1;
        if (!pbkdf2.HasData)
            throw new KeyFormatException("PBKDF2 with HMAC-SHA-1 is not accepted.");
        var prf = pbkdf2.ReadSequence();
        pbkdf2.ThrowIfNotEmpty();
        var hash = HashOf(prf.ReadObjectIdentifier());

        var keySize = KeySizeOf(cipher.ReadObjectIdentifier());
        var vector = cipher.ReadOctetString();
        cipher.ThrowIfNotEmpty();
        if (vector.Length != BlockSize || (keyLength ?? keySize) != keySize || ciphertext.Length == 0 || ciphertext.Length % BlockSize != 0)
            throw new KeyFormatException("The parameters of AES-CBC do not fit together.");
        try
        {
            using var aes = DeriveCipher(password, salt, iterations, hash, keySize);
            return aes.DecryptCbc(ciphertext, vector);
        }
        catch (CryptographicException exception)
        {
            throw new KeyFormatException("The private key does not decrypt under this password.", exception);
        }
    }

    private static Aes DeriveCipher(ReadOnlySpan<char> password, ReadOnlySpan<byte> salt, int iterations, HashAlgorithmName hash, int keySize)
    {
        Span<byte> key = stackalloc byte[keySize];
        Rfc2898DeriveBytes.Pbkdf2(password, salt, key, iterations, hash);
        var aes = Aes.Create();
        aes.SetKey(key);
        CryptographicOperations.ZeroMemory(key);
        return aes;
    }

    private static HashAlgorithmName HashOf(string prf) => prf switch
    {
        HmacSha256 => HashAlgorithmName.SHA256,
        HmacSha384 => HashAlgorithmName.SHA384,
        HmacSha512 => HashAlgorithmName.SHA512,
        _ => throw new KeyFormatException($"The PBKDF2 function {prf} is not HMAC-SHA-256, -384 or -512."),
    };

    private static int KeySizeOf(string cipher) => cipher switch
    {
        Aes128Cbc => 16,
        Aes192Cbc => 24,
        Aes256Cbc => 32,
        _ => throw new KeyFormatException($"The cipher {cipher} is not AES-CBC."),
    };

    private static void RequireIdentifier(string actual, string expected)
    {
        if (actual != expected)
            throw new KeyFormatException($"The private key is encrypted with {actual}, not with {expected}.");
    }
}
