namespace Ogong.Signatures;

/// <summary>A summand prepared for addition: Y + X, Y − X, Z and 2d·T.</summary>
internal struct CachedPoint
{
    public FieldElement YPlusX, YMinusX, Z, T2d;

    public static CachedPoint From(in EdwardsPoint p)
    {
        CachedPoint r;
        FieldElement.Add(out r.YPlusX, p.Y, p.X);
        FieldElement.Subtract(out r.YMinusX, p.Y, p.X);
        r.Z = p.Z;
        FieldElement.Multiply(out r.T2d, p.T, EdwardsPoint.TwiceD);
        r.YPlusX.Carry();
        r.YMinusX.Carry();
        return r;
    }

    /// <summary>Multiples 1, 3, 5, … (2·length − 1) of p.</summary>
    public static void WriteOddMultiples(in EdwardsPoint p, Span<CachedPoint> table)
    {
        var twice = p;
        twice.Double();
        var step = From(twice);
        var multiple = p;
        for (var i = 0; i < table.Length; i++)
        {
            table[i] = From(multiple);
            multiple.Add(step);
        }
    }
}

/// <summary>A <see cref="CachedPoint"/> with Z = 1: one multiplication less.</summary>
internal struct AffinePoint
{
    public FieldElement YPlusX, YMinusX, T2d;

    /// <summary>The neutral element.</summary>
    public static AffinePoint Identity => new() { YPlusX = FieldElement.One, YMinusX = FieldElement.One };

    /// <summary>Scales every point to Z = 1 with one inversion (Montgomery's trick).</summary>
    public static AffinePoint[] From(ReadOnlySpan<CachedPoint> points)
    {
        // prefix[i] = Z0·…·Z(i−1); walking back, inverse = 1 / (Z0·…·Zi)
        var prefix = new FieldElement[points.Length];
        var product = FieldElement.One;
        for (var i = 0; i < points.Length; i++)
        {
            prefix[i] = product;
            FieldElement.Multiply(out product, product, points[i].Z);
        }
        FieldPowers.Invert(out var inverse, product);
        var result = new AffinePoint[points.Length];
        for (var i = points.Length - 1; i >= 0; i--)
        {
            FieldElement.Multiply(out var zInverse, inverse, prefix[i]);
            FieldElement.Multiply(out inverse, inverse, points[i].Z);
            FieldElement.Multiply(out result[i].YPlusX, points[i].YPlusX, zInverse);
            FieldElement.Multiply(out result[i].YMinusX, points[i].YMinusX, zInverse);
            FieldElement.Multiply(out result[i].T2d, points[i].T2d, zInverse);
        }
        return result;
    }

    /// <summary>r = digit · P from the table P, 2P, … 8P, for a digit in [−8, 8]. Reads the whole table and branches on nothing.</summary>
    public static void Select(out AffinePoint r, ReadOnlySpan<AffinePoint> table, sbyte digit)
    {
        unchecked
        {
            var negative = digit >> 31;
            var magnitude = (digit ^ negative) - negative;
            r = Identity;
            for (var i = 0; i < table.Length; i++)
            {
                var different = (i + 1) ^ magnitude;
                r.ConditionalAssign(table[i], (ulong)(long)((different - 1) >> 31));
            }
            FieldElement.Negate(out var minusT2d, r.T2d);
            var minus = new AffinePoint { YPlusX = r.YMinusX, YMinusX = r.YPlusX, T2d = minusT2d };
            r.ConditionalAssign(minus, (ulong)(long)negative);
        }
    }

    private void ConditionalAssign(in AffinePoint b, ulong mask)
    {
        YPlusX.ConditionalAssign(b.YPlusX, mask);
        YMinusX.ConditionalAssign(b.YMinusX, mask);
        T2d.ConditionalAssign(b.T2d, mask);
    }
}
