namespace Ogong.Signatures;

/// <summary>A point of edwards25519, −x² + y² = 1 + d·x²·y², in extended coordinates: x = X/Z, y = Y/Z, x·y = T/Z.</summary>
/// <remarks>The addition law is complete (Hisil, Wong, Carter and Dawson 2008; RFC 8032, section 5.1.4): no special cases, so no branches.</remarks>
internal struct EdwardsPoint
{
    public FieldElement X, Y, Z, T;

    /// <summary>d = −121665 / 121666.</summary>
    public static readonly FieldElement D = MakeD();

    /// <summary>2d.</summary>
    public static readonly FieldElement TwiceD = MakeTwiceD();

    /// <summary>The neutral element (0, 1).</summary>
    public static EdwardsPoint Identity => new() { Y = FieldElement.One, Z = FieldElement.One };

    /// <summary>The base point B: y = 4/5, x even.</summary>
    public static EdwardsPoint MakeBasePoint()
    {
        FieldPowers.Invert(out var fifth, FieldElement.FromInteger(5));
        FieldElement.Multiply(out var y, FieldElement.FromInteger(4), fifth);
        Span<byte> encoded = stackalloc byte[32];
        y.WriteBytes(encoded);
        return TryDecode(encoded, out var point) ? point : throw new InvalidOperationException("4/5 is a y-coordinate of the curve.");
    }

    /// <summary>Decodes a point (RFC 8032, section 5.1.3), refusing every encoding but the one <see cref="Encode"/> writes. Not constant time.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> source, out EdwardsPoint point)
    {
        point = default;
        point.Y = FieldElement.FromBytes(source);
        point.Z = FieldElement.One;

        // x² = (y² − 1) / (d·y² + 1)
        FieldElement.Square(out var y2, point.Y);
        FieldElement.Subtract(out var u, y2, FieldElement.One);
        FieldElement.Multiply(out var v, y2, D);
        FieldElement.Add(out v, v, FieldElement.One);
        u.Carry();
        if (!FieldPowers.TrySquareRootOfRatio(out point.X, u, v))
            return false;
        if (source[31] >> 7 != 0)
            FieldElement.Negate(out point.X, point.X);
        FieldElement.Multiply(out point.T, point.X, point.Y);

        // Not canonical: y ≥ p, or x = 0 with the sign bit set.
        Span<byte> canonical = stackalloc byte[32];
        point.Encode(canonical);
        return canonical.SequenceEqual(source);
    }

    /// <summary>Writes y and, in the top bit, whether x is odd: 32 bytes.</summary>
    public readonly void Encode(Span<byte> destination)
    {
        FieldPowers.Invert(out var inverse, Z);
        FieldElement.Multiply(out var x, X, inverse);
        FieldElement.Multiply(out var y, Y, inverse);
        Span<byte> xBytes = stackalloc byte[32];
        x.WriteBytes(xBytes);
        y.WriteBytes(destination);
        destination[31] |= (byte)((xBytes[0] & 1) << 7);
    }

    /// <summary>Whether [8]P is the neutral element: the eight points that belong to no honest key or nonce.</summary>
    public readonly bool HasSmallOrder()
    {
        var p = this;
        for (var i = 0; i < 3; i++)
            p.Double();
        return FieldPowers.AreEqual(p.X, default) && FieldPowers.AreEqual(p.Y, p.Z);
    }

    /// <summary>This = 2·this.</summary>
    public void Double()
    {
        Completed.Double(out var sum, this);
        sum.ToExtended(out this);
    }

    /// <summary>This = this + b.</summary>
    public void Add(in CachedPoint b)
    {
        Completed.Add(out var sum, this, b);
        sum.ToExtended(out this);
    }

    private static FieldElement MakeD()
    {
        FieldPowers.Invert(out var r, FieldElement.FromInteger(121666));
        FieldElement.Multiply(out r, r, FieldElement.FromInteger(121665));
        FieldElement.Negate(out r, r);
        return r;
    }

    private static FieldElement MakeTwiceD()
    {
        FieldElement.Add(out var r, D, D);
        r.Carry();
        return r;
    }
}
