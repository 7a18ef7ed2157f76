namespace Ogong.Beacon.Bls12381;

/// <summary>A map between curves, <c>(x, y) → (xn(x)/xd(x), y·yn(x)/yd(x))</c>, coefficients by ascending power (RFC 9380, appendix E).</summary>
internal sealed class Isogeny<TCurve, TField>(TField[] xn, TField[] xd, TField[] yn, TField[] yd)
    where TCurve : struct, ICurve<TField>
    where TField : struct, IField<TField>
{
    /// <summary>The image, infinity where a denominator is 0. Z = xd·yd saves the divisions.</summary>
    public CurvePoint<TCurve, TField> Apply(in (TField X, TField Y) point)
    {
        TField xDenominator = Evaluate(xd, point.X), yDenominator = Evaluate(yd, point.X), y2 = yDenominator.Square();
        return new(
            Evaluate(xn, point.X) * xDenominator * y2,
            point.Y * Evaluate(yn, point.X) * xDenominator.Square() * xDenominator * y2,
            xDenominator * yDenominator);
    }

    private static TField Evaluate(TField[] coefficients, in TField x)
    {
        TField value = coefficients[^1];
        for (int i = coefficients.Length - 2; i >= 0; i--) value = value * x + coefficients[i];
        return value;
    }
}
