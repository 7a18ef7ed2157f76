namespace Ogong.Compute;

/// <summary>
/// How a tensor's elements are stored. Arithmetic is binary32 whatever the storage; plain types widen exactly, and those from
/// <see cref="Q8_0"/> on are blocks of integers with scales of their own, those named as in GGUF laid out as GGUF defines them. The numbers are
/// bound by <c>model_root</c>.
/// </summary>
public enum ElementType : byte
{
    /// <summary>IEEE 754 binary32, 4 bytes.</summary>
    F32 = 0,

    /// <summary>IEEE 754 binary16, 2 bytes.</summary>
    F16 = 1,

    /// <summary>bfloat16: the upper half of a binary32, 2 bytes.</summary>
    BF16 = 2,

    /// <summary>Blocks of 32 elements in 34 bytes: a binary16 scale, 32 signed bytes.</summary>
    Q8_0 = 3,

    /// <summary>Blocks of 32 elements in 18 bytes: a binary16 scale, 32 unsigned 4-bit integers less 8.</summary>
    Q4_0 = 4,

    /// <summary>Blocks of 256 elements in 144 bytes: 4-bit integers in eight groups of 32, each with a 6-bit scale and a 6-bit minimum.</summary>
    Q4_K = 5,

    /// <summary>Blocks of 256 elements in 210 bytes: 6-bit integers in sixteen groups of 16, each with an 8-bit scale.</summary>
    Q6_K = 6,

    /// <summary>Blocks of 256 elements in 260 bytes: a binary32 scale, 256 signed bytes. The last block of a row may be shorter. Not a GGUF type: this library's own.</summary>
    I8_256 = 7,
}

/// <summary>Sizes of <see cref="ElementType"/> values. Blocks run along a row, which holds a whole number of them; only the last block of <see cref="ElementType.I8_256"/> may be short.</summary>
public static class ElementTypes
{
    /// <summary>Whether elements are stored in blocks with scales, so that no element has bytes of its own.</summary>
    public static bool IsBlock(this ElementType type) => type is >= ElementType.Q8_0 and <= ElementType.I8_256;

    /// <summary>Bytes one element of a plain type takes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type is stored in blocks, or is not one of the defined values.</exception>
    public static int Size(this ElementType type) => type.IsBlock()
        ? throw new ArgumentOutOfRangeException(nameof(type), type, "Elements stored in blocks have no size of their own.")
        : type.BlockBytes();

    /// <summary>Elements of a block; 1 for a plain type.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type is not one of the defined values.</exception>
    public static int BlockElements(this ElementType type) => type switch
    {
        ElementType.F32 or ElementType.F16 or ElementType.BF16 => 1,
        ElementType.Q8_0 or ElementType.Q4_0 => 32,
        ElementType.Q4_K or ElementType.Q6_K or ElementType.I8_256 => 256,
        _ => throw Unknown(type),
    };

    /// <summary>Bytes of a block; those of one element for a plain type.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type is not one of the defined values.</exception>
    public static int BlockBytes(this ElementType type) => type switch
    {
        ElementType.F32 => 4,
        ElementType.F16 or ElementType.BF16 => 2,
        ElementType.Q8_0 => 34,
        ElementType.Q4_0 => 18,
        ElementType.Q4_K => 144,
        ElementType.Q6_K => 210,
        ElementType.I8_256 => 260,
        _ => throw Unknown(type),
    };

    /// <summary>Bytes of a row of <paramref name="columns"/> elements.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The columns are negative or not a whole number of blocks, or the type is not one of the
    /// defined values.</exception>
    public static long RowBytes(this ElementType type, int columns)
    {
        int elements = type.BlockElements();
        if (type == ElementType.I8_256 && columns >= 0) return columns + ((long)(type.BlockBytes() - elements) * ((columns + (elements - 1L)) / elements));
        return columns >= 0 && columns % elements == 0
            ? (long)columns / elements * type.BlockBytes()
            : throw new ArgumentOutOfRangeException(nameof(columns), columns, $"Rows of {type} hold a multiple of {elements} elements.");
    }

    private static ArgumentOutOfRangeException Unknown(ElementType type) => new(nameof(type), type, "Unknown element type.");
}
