using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Ogong.Signatures;

/// <summary>PKCS#8 PrivateKeyInfo and OneAsymmetricKey (RFC 5958) for the two schemes, in DER.</summary>
/// <remarks>Ed25519 holds the seed in an OCTET STRING (RFC 8410). ML-DSA-44 holds a CHOICE of the seed, the expanded key, or both (RFC 9881); the seed is written
/// where it is known.</remarks>
internal static class PrivateKeyInfo
{
    private static readonly Asn1Tag SeedTag = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag AttributesTag = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag PublicKeyTag = new(TagClass.ContextSpecific, 1);

    /// <summary>Writes an Ed25519 key.</summary>
    public static byte[] Encode(Ed25519PrivateKey key)
    {
        Span<byte> seed = stackalloc byte[Ed25519.SeedSize];
        key.ExportSeed(seed);
        var inner = new AsnWriter(AsnEncodingRules.DER, Ed25519.SeedSize + 16);
        inner.WriteOctetString(seed);
        CryptographicOperations.ZeroMemory(seed);
        return Encode(Ed25519.ObjectIdentifier, inner);
    }

    /// <summary>Writes an ML-DSA-44 key.</summary>
    public static byte[] Encode(MLDsa44PrivateKey key)
    {
        Span<byte> bytes = stackalloc byte[key.HasSeed ? MLDsa44.SeedSize : MLDsa44.ExpandedPrivateKeySize];
        var inner = new AsnWriter(AsnEncodingRules.DER, bytes.Length + 16);
        if (key.HasSeed)
        {
            key.ExportSeed(bytes);
            inner.WriteOctetString(bytes, SeedTag);
        }
        else
        {
            key.ExportExpanded(bytes);
            inner.WriteOctetString(bytes);
        }
        CryptographicOperations.ZeroMemory(bytes);
        return Encode(MLDsa44.ObjectIdentifier, inner);
    }

    /// <summary>Reads a key of either scheme; both results are null where the algorithm is another.</summary>
    /// <exception cref="AsnContentException">Not DER of the expected shape.</exception>
    /// <exception cref="KeyFormatException">The shape is right and the content is not.</exception>
    public static void Decode(ReadOnlyMemory<byte> der, out Ed25519PrivateKey? ed25519Key, out MLDsa44PrivateKey? mlDsa44Key)
    {
        ed25519Key = null;
        mlDsa44Key = null;
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var info = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        if (!info.TryReadInt32(out var version) || version is not (0 or 1))
            throw new KeyFormatException("The version of the private key is neither 1 nor 2.");
        var algorithm = info.ReadSequence();
        var identifier = algorithm.ReadObjectIdentifier();
        if (identifier is not (Ed25519.ObjectIdentifier or MLDsa44.ObjectIdentifier))
            return;
        algorithm.ThrowIfNotEmpty(); // both schemes have no parameters
        var content = ReadOctets(info);
        if (info.HasData && info.PeekTag().HasSameClassAndValue(AttributesTag))
            info.ReadSetOf(AttributesTag);
        ReadOnlyMemory<byte>? publicKey = null;
        if (info.HasData && version == 1)
        {
            if (!info.TryReadPrimitiveBitString(out _, out var bits, PublicKeyTag))
                throw new KeyFormatException("The public key inside the private key is not a primitive bit string.");
            publicKey = bits;
        }
        info.ThrowIfNotEmpty();

        var inner = new AsnReader(content, AsnEncodingRules.DER);
        if (identifier == Ed25519.ObjectIdentifier)
        {
            var seed = ReadOctets(inner);
            inner.ThrowIfNotEmpty();
            Require(seed.Length == Ed25519.SeedSize, "An Ed25519 private key is 32 bytes.");
            ed25519Key = Ed25519PrivateKey.FromSeed(seed.Span);
            RequireSamePublicKey(publicKey, ed25519Key.PublicKey.Bytes, ed25519Key);
        }
        else
        {
            mlDsa44Key = DecodeMLDsa44(inner);
            RequireSamePublicKey(publicKey, mlDsa44Key.PublicKey.Bytes, mlDsa44Key);
        }
    }

    private static MLDsa44PrivateKey DecodeMLDsa44(AsnReader inner)
    {
        ReadOnlyMemory<byte>? seed = null;
        ReadOnlyMemory<byte>? expanded = null;
        var tag = inner.PeekTag();
        if (tag.HasSameClassAndValue(SeedTag))
        {
            seed = ReadOctets(inner, SeedTag);
        }
        else if (tag.HasSameClassAndValue(Asn1Tag.Sequence))
        {
            var both = inner.ReadSequence();
            seed = ReadOctets(both);
            expanded = ReadOctets(both);
            both.ThrowIfNotEmpty();
        }
        else
        {
            expanded = ReadOctets(inner);
        }
        inner.ThrowIfNotEmpty();

        if (seed is null)
        {
            Require(MLDsa44PrivateKey.TryImportExpanded(expanded!.Value.Span, out var imported), "The expanded ML-DSA-44 key is not consistent.");
            return imported!;
        }
        Require(seed.Value.Length == MLDsa44.SeedSize, "The seed of an ML-DSA-44 key is 32 bytes.");
        var key = MLDsa44PrivateKey.FromSeed(seed.Value.Span);
        if (expanded is not null)
        {
            Span<byte> derived = stackalloc byte[MLDsa44.ExpandedPrivateKeySize];
            key.ExportExpanded(derived);
            var same = CryptographicOperations.FixedTimeEquals(derived, expanded.Value.Span);
            CryptographicOperations.ZeroMemory(derived);
            if (!same)
            {
                key.Dispose();
                throw new KeyFormatException("The seed and the expanded form of the ML-DSA-44 key are different keys.");
            }
        }
        return key;
    }

    private static byte[] Encode(string objectIdentifier, AsnWriter inner)
    {
        var content = inner.Encode();
        inner.Reset();
        var writer = new AsnWriter(AsnEncodingRules.DER, content.Length + 64);
        using (writer.PushSequence())
        {
            writer.WriteInteger(0);
            using (writer.PushSequence())
                writer.WriteObjectIdentifier(objectIdentifier);
            writer.WriteOctetString(content);
        }
        CryptographicOperations.ZeroMemory(content);
        var der = writer.Encode();
        writer.Reset();
        return der;
    }

    private static ReadOnlyMemory<byte> ReadOctets(AsnReader reader, Asn1Tag? tag = null) =>
        reader.TryReadPrimitiveOctetString(out var octets, tag) ? octets : throw new KeyFormatException("An octet string is not primitive.");

    private static void RequireSamePublicKey(ReadOnlyMemory<byte>? stated, ReadOnlySpan<byte> derived, IDisposable key)
    {
        if (stated is null || stated.Value.Span.SequenceEqual(derived))
            return;
        key.Dispose();
        throw new KeyFormatException("The public key inside the private key is another one's.");
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
            throw new KeyFormatException(message);
    }
}
