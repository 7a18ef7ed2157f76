using System.Formats.Asn1;

namespace Ogong.Signatures;

/// <summary>SubjectPublicKeyInfo (RFC 5280) for the two schemes (RFC 8410, RFC 9881), in DER: the raw key in a BIT STRING.</summary>
internal static class SubjectPublicKeyInfo
{
    /// <summary>Writes a public key.</summary>
    public static byte[] Encode(string objectIdentifier, ReadOnlySpan<byte> publicKey)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
                writer.WriteObjectIdentifier(objectIdentifier);
            writer.WriteBitString(publicKey);
        }
        return writer.Encode();
    }

    /// <summary>Reads a key of either scheme; both results are null where the algorithm is another.</summary>
    /// <exception cref="AsnContentException">Not DER of the expected shape.</exception>
    /// <exception cref="KeyFormatException">The shape is right and the content is not.</exception>
    public static void Decode(ReadOnlyMemory<byte> der, out Ed25519PublicKey? ed25519Key, out MLDsa44PublicKey? mlDsa44Key)
    {
        ed25519Key = null;
        mlDsa44Key = null;
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var info = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var algorithm = info.ReadSequence();
        var identifier = algorithm.ReadObjectIdentifier();
        if (identifier is not (Ed25519.ObjectIdentifier or MLDsa44.ObjectIdentifier))
            return;
        algorithm.ThrowIfNotEmpty();
        if (!info.TryReadPrimitiveBitString(out var unused, out var publicKey) || unused != 0)
            throw new KeyFormatException("The public key is not a whole number of bytes.");
        info.ThrowIfNotEmpty();
        var decoded = identifier == Ed25519.ObjectIdentifier
            ? Ed25519PublicKey.TryDecode(publicKey.Span, out ed25519Key)
            : MLDsa44PublicKey.TryDecode(publicKey.Span, out mlDsa44Key);
        if (!decoded)
            throw new KeyFormatException("The public key has a wrong length or is no strong point of the curve.");
    }
}
