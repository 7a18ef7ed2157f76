using System.Numerics;

namespace Ogong.Beacon.Bls12381;

/// <summary>A curve y² = x³ + b with a subgroup of the prime order r.</summary>
internal interface ICurve<TField>
    where TField : struct, IField<TField>
{
    /// <summary>Bytes of a compressed point.</summary>
    static abstract int CompressedSize { get; }

    static abstract TField B { get; }

    /// <summary>The generator of the subgroup that everybody uses.</summary>
    static abstract (TField X, TField Y) Generator { get; }

    /// <summary>Decodes a coordinate; false for one that is not below p. The top three bits are clear.</summary>
    static abstract bool TryDecode(ReadOnlySpan<byte> source, out TField value);

    static abstract void Encode(in TField value, Span<byte> destination);
}

/// <summary>The parameter of the family and what follows from it.</summary>
internal static class Parameter
{
    /// <summary>|x|; x = −0xd201000000010000.</summary>
    public const ulong AbsoluteX = 0xd201000000010000;

    /// <summary>r = x⁴ − x² + 1, the order of the three groups.</summary>
    public static BigInteger Order { get; } =
        BigInteger.Pow(AbsoluteX, 4) - BigInteger.Pow(AbsoluteX, 2) + 1;
}
