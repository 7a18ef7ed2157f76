using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Ogong.Signatures;

/// <summary>How often each check of the signing loop refused a candidate.</summary>
internal struct MLDsaRejections
{
    /// <summary>‖z‖∞ ≥ γ1 − β.</summary>
    public int Z;

    /// <summary>‖r0‖∞ ≥ γ2 − β.</summary>
    public int R0;

    /// <summary>‖ct0‖∞ ≥ γ2.</summary>
    public int Ct0;

    /// <summary>More than ω ones in the hint.</summary>
    public int Hint;
}

/// <summary>ML-DSA.Sign_internal from μ on (FIPS 204, algorithm 7).</summary>
/// <remarks>Constant time with respect to the key but for the number of rejected candidates and which check refused each: a refused candidate is independent of
/// the key (that is what the rejection is for), and c̃ of a refused candidate is a hash the scheme's proof allows to be known.</remarks>
internal static class MLDsaSigning
{
    private const int VectorLength = MLDsa44.K * MLDsa44.N; // K = L

    /// <param name="matrix">[Â | NTT(t1 · 2^d)] of the public key.</param>
    /// <param name="signingSeed">K.</param>
    /// <param name="transforms">ŝ1 ‖ ŝ2 ‖ t̂0.</param>
    /// <param name="mu">μ.</param>
    /// <param name="randomness">rnd, 32 bytes.</param>
    /// <param name="signature">Receives <c>sigEncode(c̃, z, h)</c>.</param>
    /// <param name="rejections">Counts are added here.</param>
    [SkipLocalsInit]
    public static void Sign(
        ReadOnlySpan<int> matrix,
        ReadOnlySpan<byte> signingSeed,
        ReadOnlySpan<int> transforms,
        ReadOnlySpan<byte> mu,
        ReadOnlySpan<byte> randomness,
        Span<byte> signature,
        ref MLDsaRejections rejections)
    {
        // ρ'' = H(K ‖ rnd ‖ μ, 64)
        Span<byte> rhoDoublePrime = stackalloc byte[64];
        var hash = Shake.Create256();
        hash.Absorb(signingSeed);
        hash.Absorb(randomness);
        hash.Absorb(mu);
        hash.Squeeze(rhoDoublePrime);
        hash.Clear();

        Span<int> workspace = stackalloc int[(5 * VectorLength) + MLDsa44.N];
        var kappa = 0;
        while (!TryCandidate(matrix, transforms, mu, rhoDoublePrime, kappa, workspace, signature, ref rejections))
            kappa += MLDsa44.L;

        CryptographicOperations.ZeroMemory(rhoDoublePrime);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(workspace));
    }

    [SkipLocalsInit]
    private static bool TryCandidate(
        ReadOnlySpan<int> matrix,
        ReadOnlySpan<int> transforms,
        ReadOnlySpan<byte> mu,
        ReadOnlySpan<byte> rhoDoublePrime,
        int kappa,
        Span<int> workspace,
        Span<byte> signature,
        ref MLDsaRejections rejections)
    {
        var y = workspace[..VectorLength];
        var yHat = workspace.Slice(VectorLength, VectorLength);
        var product = yHat;                                        // ŷ is not needed once w is known
        var w0 = workspace.Slice(2 * VectorLength, VectorLength);
        var w1 = workspace.Slice(3 * VectorLength, VectorLength);
        var hint = workspace.Slice(4 * VectorLength, VectorLength);
        var c = workspace[(5 * VectorLength)..];
        var s1 = transforms[..VectorLength];
        var s2 = transforms.Slice(VectorLength, VectorLength);
        var t0 = transforms[(2 * VectorLength)..];

        // w = A·y, w1 = HighBits(w), c̃ = H(μ ‖ w1Encode(w1), 32)
        Sampling.ExpandMask(rhoDoublePrime, kappa, y);
        y.CopyTo(yHat);
        Ntt.Forward(yHat);
        for (var i = 0; i < MLDsa44.K; i++)
            Ntt.Dot(matrix.Slice(i * MLDsa44PublicKey.RowLength, VectorLength), yHat, w0.Slice(i * MLDsa44.N, MLDsa44.N));
        Ntt.Inverse(w0);
        Rounding.Decompose(w0, w1);
        Span<byte> w1Bytes = stackalloc byte[MLDsa44.K * MLDsa44.W1Bytes];
        Packing.PackUnsigned(w1, 6, w1Bytes);
        var challenge = signature[..MLDsa44.ChallengeSize];
        var hash = Shake.Create256();
        hash.Absorb(mu);
        hash.Absorb(w1Bytes);
        hash.Squeeze(challenge);
        hash.Clear();
        CryptographicOperations.ZeroMemory(w1Bytes);
        Sampling.SampleInBall(challenge, c);
        Ntt.Forward(c);

        // z = y + c·s1
        Multiply(c, s1, product);
        Rounding.AddReduced(y, product);
        if (Rounding.NormReaches(y, MLDsa44.Gamma1 - MLDsa44.Beta))
        {
            rejections.Z++;
            return false;
        }

        // r0 = LowBits(w − c·s2). Where this w0 − c·s2 is below γ2 − β it is that, since ‖c·s2‖∞ ≤ β keeps the high bits; otherwise both reach the bound.
        Multiply(c, s2, product);
        Rounding.SubtractReduced(w0, product);
        if (Rounding.NormReaches(w0, MLDsa44.Gamma2 - MLDsa44.Beta))
        {
            rejections.R0++;
            return false;
        }

        // h = MakeHint(−c·t0, w − c·s2 + c·t0)
        Multiply(c, t0, product);
        hint.Clear();
        Rounding.AddReduced(hint, product);
        if (Rounding.NormReaches(hint, MLDsa44.Gamma2))
        {
            rejections.Ct0++;
            return false;
        }
        Rounding.AddReduced(w0, hint);
        if (Rounding.MakeHint(w0, w1, hint) > MLDsa44.Omega)
        {
            rejections.Hint++;
            return false;
        }

        const int zSize = MLDsa44.L * MLDsa44.ZBytes;
        Packing.PackBelow(y, 18, MLDsa44.Gamma1, signature.Slice(MLDsa44.ChallengeSize, zSize));
        Packing.PackHint(hint, signature[(MLDsa44.ChallengeSize + zSize)..]);
        return true;
    }

    /// <summary>product = NTT⁻¹(ĉ ∘ v̂), below q.</summary>
    private static void Multiply(ReadOnlySpan<int> c, ReadOnlySpan<int> v, Span<int> product)
    {
        for (var i = 0; i < v.Length; i += MLDsa44.N)
            Ntt.Dot(c, v.Slice(i, MLDsa44.N), product.Slice(i, MLDsa44.N));
        Ntt.Inverse(product);
    }
}
