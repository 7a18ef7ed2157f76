using System.Runtime.CompilerServices;

namespace Ogong.Numerics;

/// <summary>bfloat16, the upper half of a binary32: exact widening, rounding to nearest with ties to even. Subnormals are kept; what rounds past the largest value becomes infinite.</summary>
internal static class BFloat16Format
{
    /// <summary>The binary32 of the same value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Widen(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    /// <summary>The nearest bfloat16. A NaN stays a quiet NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Round(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        if ((bits & 0x7FFF_FFFF) > 0x7F80_0000) return (ushort)((bits >> 16) | 0x40);
        return (ushort)(unchecked(bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}

/// <summary>binary16: exact widening, rounding to nearest with ties to even. Subnormals are kept; what rounds past 65504 becomes infinite.</summary>
internal static class Float16Format
{
    /// <summary>The binary32 of the same value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Widen(ushort bits) => (float)BitConverter.UInt16BitsToHalf(bits);

    /// <summary>The nearest binary16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Round(float value) => BitConverter.HalfToUInt16Bits((Half)value);
}
