using Ogong.Numerics;

namespace Ogong.Commitments;

/// <summary>How a committed or cached number is stored. The values agree with the element types of the compute port.</summary>
public enum StorageFormat : byte
{
    /// <summary>IEEE 754 binary32, 4 bytes.</summary>
    F32 = 0,

    /// <summary>IEEE 754 binary16, 2 bytes.</summary>
    F16 = 1,

    /// <summary>bfloat16, 2 bytes.</summary>
    BF16 = 2,
}

/// <summary>Sizes and conversions of <see cref="StorageFormat"/> values.</summary>
public static class StorageFormats
{
    /// <summary>Bytes of one number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The format is not one of the defined values.</exception>
    public static int Size(this StorageFormat format) => format switch
    {
        StorageFormat.F32 => 4,
        StorageFormat.F16 or StorageFormat.BF16 => 2,
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "Unknown storage format."),
    };

    /// <summary>Whether the format is one of the defined values.</summary>
    public static bool IsDefined(this StorageFormat format) => format <= StorageFormat.BF16;

    /// <summary>The bits of the nearest number of the format, ties to even; a finite value past the largest is stored as the largest.</summary>
    internal static uint Round(this StorageFormat format, float value) => format switch
    {
        StorageFormat.F32 => BitConverter.SingleToUInt32Bits(value),
        StorageFormat.F16 => Saturate(Float16Format.Round(value), value, 0x7C00),
        _ => Saturate(BFloat16Format.Round(value), value, 0x7F80),
    };

    /// <summary>The binary32 of the same value.</summary>
    internal static float Widen(this StorageFormat format, uint bits) => format switch
    {
        StorageFormat.F32 => BitConverter.UInt32BitsToSingle(bits),
        StorageFormat.F16 => Float16Format.Widen((ushort)bits),
        _ => BFloat16Format.Widen((ushort)bits),
    };

    private static ushort Saturate(ushort bits, float value, int infinity) =>
        (bits & 0x7FFF) == infinity && float.IsFinite(value) ? (ushort)(bits - 1) : bits;
}
