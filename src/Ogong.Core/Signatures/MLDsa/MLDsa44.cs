namespace Ogong.Signatures;

/// <summary>Sizes and names of ML-DSA-44 (FIPS 204, table 1 and table 2; security category 2).</summary>
public static class MLDsa44
{
    /// <summary>Bytes of the seed ξ from which a key pair is generated.</summary>
    public const int SeedSize = 32;

    /// <summary>Bytes of an encoded public key (<c>pkEncode</c>).</summary>
    public const int PublicKeySize = 1312;

    /// <summary>Bytes of an encoded, expanded private key (<c>skEncode</c>).</summary>
    public const int ExpandedPrivateKeySize = 2560;

    /// <summary>Bytes of a signature (<c>sigEncode</c>).</summary>
    public const int SignatureSize = 2420;

    /// <summary>Bytes of the message representative μ.</summary>
    public const int MuSize = 64;

    /// <summary>Bytes of the per-signature randomness <c>rnd</c>; all zero for the deterministic variant.</summary>
    public const int RandomnessSize = 32;

    /// <summary>Longest context string, in bytes.</summary>
    public const int MaxContextSize = 255;

    /// <summary>The object identifier id-ml-dsa-44 (RFC 9881).</summary>
    public const string ObjectIdentifier = "2.16.840.1.101.3.4.3.17";

    internal const int Q = 8380417;         // 2^23 − 2^13 + 1
    internal const int N = 256;             // coefficients of a polynomial
    internal const int K = 4;               // rows of the matrix A
    internal const int L = 4;               // columns of the matrix A
    internal const int D = 13;              // bits dropped from t
    internal const int Tau = 39;            // ±1 coefficients of the challenge c
    internal const int Gamma1 = 1 << 17;    // range of the mask y
    internal const int Gamma2 = (Q - 1) / 88;
    internal const int Eta = 2;             // range of the secrets s1, s2
    internal const int Beta = Tau * Eta;    // bound of ‖c·s‖∞
    internal const int Omega = 80;          // most ones of the hint h
    internal const int ChallengeSize = 32;  // bytes of c̃, λ/4

    internal const int EtaBytes = 96;       // a polynomial of 3-bit coefficients
    internal const int T0Bytes = 416;       // 13-bit
    internal const int T1Bytes = 320;       // 10-bit
    internal const int ZBytes = 576;        // 18-bit
    internal const int W1Bytes = 192;       // 6-bit
}
