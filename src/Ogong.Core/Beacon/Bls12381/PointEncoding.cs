namespace Ogong.Beacon.Bls12381;

/// <summary>Why bytes are not a usable point.</summary>
public enum PointFailure : byte
{
    /// <summary>They are one.</summary>
    None = 0,

    /// <summary>The length is not that of a compressed point.</summary>
    WrongLength,

    /// <summary>The compression bit is not set.</summary>
    NotCompressed,

    /// <summary>Infinity, which is no key and no signature; also an infinity with other bits set.</summary>
    Infinity,

    /// <summary>A coordinate is p or above: the value has another encoding.</summary>
    NotReduced,

    /// <summary>No point of the curve has this x.</summary>
    NotOnCurve,

    /// <summary>The point is on the curve but not in the subgroup of prime order.</summary>
    NotInSubgroup,
}

/// <summary>
/// Compressed points: x in big-endian bytes, the top bits being compression (always set), infinity, and whether y is the larger of {y, −y}.
/// </summary>
internal static class PointEncoding
{
    private const byte CompressionBit = 0x80, InfinityBit = 0x40, SignBit = 0x20;

    /// <summary>Whether a point of the curve is in the subgroup.</summary>
    public delegate bool SubgroupCheck<TCurve, TField>(in CurvePoint<TCurve, TField> point)
        where TCurve : struct, ICurve<TField>
        where TField : struct, IField<TField>;

    /// <summary>Decodes a point of G1 other than infinity.</summary>
    public static PointFailure DecodeG1(ReadOnlySpan<byte> source, out CurvePoint<G1, Fp> point) => Decode(source, G1.IsInSubgroup, out point);

    /// <summary>Decodes a point of G2 other than infinity.</summary>
    public static PointFailure DecodeG2(ReadOnlySpan<byte> source, out CurvePoint<G2, Fp2> point) => Decode(source, G2.IsInSubgroup, out point);

    /// <summary>The compressed point.</summary>
    public static byte[] Encode<TCurve, TField>(in CurvePoint<TCurve, TField> point)
        where TCurve : struct, ICurve<TField>
        where TField : struct, IField<TField>
    {
        var bytes = new byte[TCurve.CompressedSize];
        if (point.IsInfinity)
        {
            bytes[0] = CompressionBit | InfinityBit;
            return bytes;
        }
        (TField x, TField y) = point.ToAffine();
        TCurve.Encode(x, bytes);
        bytes[0] |= y.IsLargerThanNegative ? (byte)(CompressionBit | SignBit) : CompressionBit;
        return bytes;
    }

    private static PointFailure Decode<TCurve, TField>(ReadOnlySpan<byte> source, SubgroupCheck<TCurve, TField> isInSubgroup, out CurvePoint<TCurve, TField> point)
        where TCurve : struct, ICurve<TField>
        where TField : struct, IField<TField>
    {
        point = CurvePoint<TCurve, TField>.Infinity;
        if (source.Length != TCurve.CompressedSize) return PointFailure.WrongLength;
        byte flags = source[0];
        if ((flags & CompressionBit) == 0) return PointFailure.NotCompressed;
        if ((flags & InfinityBit) != 0) return PointFailure.Infinity;
        Span<byte> bytes = stackalloc byte[TCurve.CompressedSize];
        source.CopyTo(bytes);
        bytes[0] &= 0xFF ^ (CompressionBit | InfinityBit | SignBit);
        if (!TCurve.TryDecode(bytes, out TField x)) return PointFailure.NotReduced;
        if (!(x.Square() * x + TCurve.B).TrySqrt(out TField y)) return PointFailure.NotOnCurve;
        if (y.IsLargerThanNegative != ((flags & SignBit) != 0)) y = -y; // Neither curve has a point with y = 0: its order would be even.
        var decoded = CurvePoint<TCurve, TField>.FromAffine(x, y);
        if (!isInSubgroup(decoded)) return PointFailure.NotInSubgroup;
        point = decoded;
        return PointFailure.None;
    }
}
