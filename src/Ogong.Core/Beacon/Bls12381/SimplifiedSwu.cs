namespace Ogong.Beacon.Bls12381;

/// <summary>The simplified SWU map to y² = x³ + Ax + B with A·B ≠ 0, RFC 9380, section 6.6.2. The curves here are isogenous to the real ones, whose A is 0.</summary>
internal sealed class SimplifiedSwu<TField>(TField a, TField b, TField z)
    where TField : struct, IField<TField>
{
    private readonly TField minusBOverA = -(b * a.Invert()), bOverZA = b * (z * a).Invert();

    /// <summary>The point for a field element.</summary>
    public (TField X, TField Y) Map(in TField u)
    {
        // x₁ = (−B/A)(1 + 1/(Z²u⁴ + Zu²)), or B/(ZA) where that is a division by 0; x₂ = Zu²x₁; one of them is the x of a point.
        TField zu2 = z * u.Square(), t = zu2.Square() + zu2;
        TField x = t.IsZero ? bOverZA : minusBOverA * (TField.One + t.Invert());
        if (!Curve(x).TrySqrt(out TField y))
        {
            x = zu2 * x;
            if (!Curve(x).TrySqrt(out y)) throw new InvalidOperationException("Neither candidate is on the curve: Z is not what the map needs.");
        }
        return (x, u.IsOdd == y.IsOdd ? y : -y);
    }

    private TField Curve(in TField x) => (x.Square() + a) * x + b;
}

/// <summary>The maps of the two suites, section 8.8.</summary>
internal static class SimplifiedSwu
{
    public static SimplifiedSwu<Fp> G1 { get; } = new(
        Fp.Parse("00144698a3b8e9433d693a02c96d4982b0ea985383ee66a8d8e8981aefd881ac98936f8da0e0f97f5cf428082d584c1d"),
        Fp.Parse("12e2908d11688030018b12e8753eee3b2016c1f0f24f4070a0b9c14fcef35ef55a23215a316ceaa5d1cc48e98e172be0"),
        Fp.FromInteger(11));

    // A = 240u, B = 1012(1 + u), Z = −(2 + u)
    public static SimplifiedSwu<Fp2> G2 { get; } = new(
        new(Fp.Zero, Fp.FromInteger(240)),
        new(Fp.FromInteger(1012), Fp.FromInteger(1012)),
        -new Fp2(Fp.FromInteger(2), Fp.One));
}
