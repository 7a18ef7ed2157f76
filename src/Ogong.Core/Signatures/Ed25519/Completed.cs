namespace Ogong.Signatures;

/// <summary>A sum as it leaves the addition law: x = X/Z, y = Y/T. Going on to extended coordinates costs four multiplications; to a doubling, three.</summary>
internal struct Completed
{
    private FieldElement x, y, z, t;

    /// <summary>r = 2p; reads X, Y and Z only.</summary>
    public static void Double(out Completed r, in EdwardsPoint p)
    {
        // X = (X+Y)² − (Y² + X²), Y = Y² + X², Z = Y² − X², T = 2Z² − (Y² − X²)
        FieldElement.Square(out var xx, p.X);
        FieldElement.Square(out var yy, p.Y);
        FieldElement.Square(out var zz, p.Z);
        FieldElement.Add(out var sum, p.X, p.Y);
        FieldElement.Square(out sum, sum);
        FieldElement.Add(out r.y, yy, xx);
        FieldElement.Subtract(out r.z, yy, xx);
        FieldElement.Subtract(out r.x, sum, r.y);
        FieldElement.Add(out zz, zz, zz);
        FieldElement.Add(out zz, zz, xx);
        FieldElement.Subtract(out r.t, zz, yy);
    }

    /// <summary>r = p + q.</summary>
    public static void Add(out Completed r, in EdwardsPoint p, in CachedPoint q)
    {
        FieldElement.Multiply(out var zz, p.Z, q.Z);
        Add(out r, p, q.YPlusX, q.YMinusX, q.T2d, zz);
    }

    /// <summary>r = p + q.</summary>
    public static void Add(out Completed r, in EdwardsPoint p, in AffinePoint q) => Add(out r, p, q.YPlusX, q.YMinusX, q.T2d, p.Z);

    /// <summary>r = p − q: −(x, y) = (−x, y).</summary>
    public static void Subtract(out Completed r, in EdwardsPoint p, in CachedPoint q)
    {
        FieldElement.Multiply(out var zz, p.Z, q.Z);
        Subtract(out r, p, q.YPlusX, q.YMinusX, q.T2d, zz);
    }

    /// <summary>r = p − q.</summary>
    public static void Subtract(out Completed r, in EdwardsPoint p, in AffinePoint q) => Subtract(out r, p, q.YPlusX, q.YMinusX, q.T2d, p.Z);

    /// <summary>X, Y and Z of the point; T is left alone.</summary>
    public readonly void ToProjective(ref EdwardsPoint p)
    {
        FieldElement.Multiply(out p.X, x, t);
        FieldElement.Multiply(out p.Y, y, z);
        FieldElement.Multiply(out p.Z, z, t);
    }

    /// <summary>The point in extended coordinates.</summary>
    public readonly void ToExtended(out EdwardsPoint p)
    {
        FieldElement.Multiply(out p.X, x, t);
        FieldElement.Multiply(out p.Y, y, z);
        FieldElement.Multiply(out p.Z, z, t);
        FieldElement.Multiply(out p.T, x, y);
    }

    private static void Add(
        out Completed r, in EdwardsPoint p, in FieldElement yPlusX, in FieldElement yMinusX, in FieldElement t2d, in FieldElement zz)
    {
        // X = (Y+X)(Y'+X') − (Y−X)(Y'−X'), Y = their sum, Z = 2ZZ' + 2dTT', T = 2ZZ' − 2dTT'
        Combine(out r.x, out r.y, out var tt, p, yPlusX, yMinusX, t2d);
        FieldElement.Add(out var zz2, zz, zz);
        FieldElement.Add(out r.z, zz2, tt);
        FieldElement.Subtract(out r.t, zz2, tt);
    }

    private static void Subtract(
        out Completed r, in EdwardsPoint p, in FieldElement yPlusX, in FieldElement yMinusX, in FieldElement t2d, in FieldElement zz)
    {
        Combine(out r.x, out r.y, out var tt, p, yMinusX, yPlusX, t2d);
        FieldElement.Add(out var zz2, zz, zz);
        FieldElement.Subtract(out r.z, zz2, tt);
        FieldElement.Add(out r.t, zz2, tt);
    }

    private static void Combine(
        out FieldElement x, out FieldElement y, out FieldElement tt, in EdwardsPoint p, in FieldElement plus, in FieldElement minus, in FieldElement t2d)
    {
        FieldElement.Add(out var sum, p.Y, p.X);
        FieldElement.Subtract(out var difference, p.Y, p.X);
        FieldElement.Multiply(out sum, sum, plus);
        FieldElement.Multiply(out difference, difference, minus);
        FieldElement.Subtract(out x, sum, difference);
        FieldElement.Add(out y, sum, difference);
        FieldElement.Multiply(out tt, p.T, t2d);
    }
}
