namespace Ogong.Beacon.Bls12381;

/// <summary>y² = x³ + 4 over Fp.</summary>
internal readonly struct G1 : ICurve<Fp>
{
    private static readonly (Fp X, Fp Y) Base = (
        Fp.Parse("17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb"),
        Fp.Parse("08b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1"));

    // A cube root of unity: (x, y) → (βx, y) multiplies the points of the subgroup by −x².
    private static readonly Fp Beta = MakeBeta();

    public static int CompressedSize => Fp.Size;

    public static Fp B => Fp.FromInteger(4);

    public static (Fp X, Fp Y) Generator => Base;

    public static bool TryDecode(ReadOnlySpan<byte> source, out Fp value) => Fp.TryDecode(source, out value);

    public static void Encode(in Fp value, Span<byte> destination) => value.Encode(destination);

    /// <summary>
    /// Whether a point of the curve is in the subgroup of order r: exactly when φ(P) = −[x²]P (Scott, "A note on group membership tests for G1, G2
    /// and GT on BLS pairing-friendly curves", 2021), two multiplications by a sparse number of 64 bits instead of one by r.
    /// </summary>
    public static bool IsInSubgroup(in CurvePoint<G1, Fp> point)
    {
        var image = new CurvePoint<G1, Fp>(point.X * Beta, point.Y, point.Z);
        return (-point.MultiplyByX().MultiplyByX()).IsSame(image);
    }

    /// <summary>A point of the subgroup: [1 − x]P, RFC 9380, section 8.8.1.</summary>
    public static CurvePoint<G1, Fp> ClearCofactor(in CurvePoint<G1, Fp> point) => point.MultiplyByX() + point;

    // Both primitive cube roots of unity are 2^((p−1)/3) up to inversion; the one that acts as −x² on the generator is meant.
    private static Fp MakeBeta()
    {
        Fp root = Power.Of(Fp.FromInteger(2), (Fp.Modulus - 1) / 3);
        CurvePoint<G1, Fp> wanted = -CurvePoint<G1, Fp>.FromAffine(Base.X, Base.Y).MultiplyByX().MultiplyByX();
        return wanted.IsSame(CurvePoint<G1, Fp>.FromAffine(Base.X * root, Base.Y)) ? root : root.Square();
    }
}
