namespace Ogong.Compute;

/// <summary>How a tensor's elements are stored. Arithmetic is binary32 whatever the storage; narrower types widen exactly.</summary>
public enum ElementType : byte
{
    /// <summary>IEEE 754 binary32, 4 bytes.</summary>
    F32 = 0,

    /// <summary>IEEE 754 binary16, 2 bytes.</summary>
    F16 = 1,

    /// <summary>bfloat16: the upper half of a binary32, 2 bytes.</summary>
    BF16 = 2,
}

/// <summary>Sizes of <see cref="ElementType"/> values.</summary>
public static class ElementTypes
{
    /// <summary>Bytes one element takes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type is not one of the defined values.</exception>
    public static int Size(this ElementType type) => type switch
    {
        ElementType.F32 => 4,
        ElementType.F16 or ElementType.BF16 => 2,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Unknown element type."),
    };
}
