namespace Ogong.Beacon.Bls12381;

/// <summary>y² = x³ + 4(1 + u) over Fp2, the sextic twist.</summary>
internal readonly struct G2 : ICurve<Fp2>
{
    // ψ, the Frobenius map carried over to the twist: (x, y) → (x̄ / ξ^((p−1)/3), ȳ / ξ^((p−1)/2)).
    private static readonly Fp2 PsiX = Power.Of(new Fp2(Fp.One, Fp.One), (Fp.Modulus - 1) / 3).Invert();
    private static readonly Fp2 PsiY = Power.Of(new Fp2(Fp.One, Fp.One), (Fp.Modulus - 1) / 2).Invert();

    private static readonly (Fp2 X, Fp2 Y) Base = (
        new(Fp.Parse("024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8"),
            Fp.Parse("13e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e")),
        new(Fp.Parse("0ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b82801"),
            Fp.Parse("0606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af267492ab572e99ab3f370d275cec1da1aaa9075ff05f79be")));

    public static int CompressedSize => 2 * Fp.Size;

    public static Fp2 B => new(Fp.FromInteger(4), Fp.FromInteger(4));

    public static (Fp2 X, Fp2 Y) Generator => Base;

    /// <summary>c1 ‖ c0.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> source, out Fp2 value)
    {
        bool ok = Fp.TryDecode(source[..Fp.Size], out Fp c1) & Fp.TryDecode(source[Fp.Size..], out Fp c0);
        value = ok ? new(c0, c1) : default;
        return ok;
    }

    public static void Encode(in Fp2 value, Span<byte> destination)
    {
        value.C1.Encode(destination);
        value.C0.Encode(destination[Fp.Size..]);
    }

    /// <summary>Whether a point of the curve is in the subgroup of order r: exactly when ψ(P) = [x]P (Scott, 2021).</summary>
    public static bool IsInSubgroup(in CurvePoint<G2, Fp2> point) => (-point.MultiplyByX()).IsSame(Psi(point));

    /// <summary>A point of the subgroup: [x² − x − 1]P + [x − 1]ψ(P) + ψ²(2P), RFC 9380, appendix G.3 (Budroni and Pintore).</summary>
    public static CurvePoint<G2, Fp2> ClearCofactor(in CurvePoint<G2, Fp2> point)
    {
        // With a = |x| = −x: [a² + a − 1]P − [a + 1]ψ(P) + ψ²(2P), and a² + a = a(a + 1).
        CurvePoint<G2, Fp2> next = point.MultiplyByX() + point;
        return next.MultiplyByX() - point - Psi(next) + Psi(Psi(point.Double()));
    }

    private static CurvePoint<G2, Fp2> Psi(in CurvePoint<G2, Fp2> point) => new(point.X.Conjugate() * PsiX, point.Y.Conjugate() * PsiY, point.Z.Conjugate());
}
