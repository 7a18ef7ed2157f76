namespace Ogong.Signatures;

/// <summary>Sizes and names of Ed25519 (RFC 8032, section 5.1).</summary>
public static class Ed25519
{
    /// <summary>Bytes of a private key, the seed.</summary>
    public const int SeedSize = 32;

    /// <summary>Bytes of an encoded public key, the point A.</summary>
    public const int PublicKeySize = 32;

    /// <summary>Bytes of a signature, R ‖ S.</summary>
    public const int SignatureSize = 64;

    /// <summary>The object identifier id-Ed25519 (RFC 8410).</summary>
    public const string ObjectIdentifier = "1.3.101.112";
}
