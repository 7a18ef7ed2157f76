using System.Runtime.CompilerServices;

namespace Ogong.Kernels.Cpu;

/// <summary>
/// How a panel of 32 weight rows stores one column k, i.e. <c>w[0..31][k]</c>, as 16 words of 32 bits per half or pair, so that any vector width reads
/// rows j … j+n−1 (low) and 16+j … 16+j+n−1 (high) from the words j … j+n−1 without a shuffle.
/// </summary>
internal unsafe interface IPanelFormat
{
    /// <summary>Bytes per column.</summary>
    static abstract int Stride { get; }

    /// <summary>Rows j, j+1, … of a column, given the address of its word j.</summary>
    static abstract V Low<S, V>(byte* words) where S : struct, ISimd<V> where V : unmanaged;

    /// <summary>Rows 16+j, 16+j+1, … of a column, given the address of its word j.</summary>
    static abstract V High<S, V>(byte* words) where S : struct, ISimd<V> where V : unmanaged;
}

/// <summary>Binary32: words 0–15 are rows 0–15, words 16–31 are rows 16–31.</summary>
internal readonly unsafe struct PanelF32 : IPanelFormat
{
    public static int Stride => 128;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Low<S, V>(byte* words) where S : struct, ISimd<V> where V : unmanaged => S.Load((float*)words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V High<S, V>(byte* words) where S : struct, ISimd<V> where V : unmanaged => S.Load((float*)(words + 64));
}

/// <summary>bfloat16: word j holds row j in its lower half, row 16+j in its upper half. Widening is a shift, or a mask.</summary>
internal readonly unsafe struct PanelBF16 : IPanelFormat
{
    public static int Stride => 64;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Low<S, V>(byte* words) where S : struct, ISimd<V> where V : unmanaged =>
        S.ShiftLeft(S.Load((float*)words), 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V High<S, V>(byte* words) where S : struct, ISimd<V> where V : unmanaged =>
        S.And(S.Load((float*)words), S.IntBroadcast(0xFFFF_0000));
}

/// <summary>Binary16, paired as bfloat16 is.</summary>
internal readonly unsafe struct PanelF16 : IPanelFormat
{
    public static int Stride => 64;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Low<S, V>(byte* words) where S : struct, ISimd<V> where V : unmanaged =>
        Widen<S, V>(S.ShiftLeft(S.Load((float*)words), 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V High<S, V>(byte* words) where S : struct, ISimd<V> where V : unmanaged =>
        Widen<S, V>(S.Load((float*)words));

    /// <summary>
    /// Widens the binary16 in the upper half of each lane; exact, subnormals included, for finite values (loading refuses the others).
    /// With its exponent and fraction moved to binary32's places the exponent is 112 too small. A subnormal f · 2⁻²⁴ gets exponent 113, which makes it 2⁻¹⁴ + f · 2⁻²⁴, and loses the 2⁻¹⁴ again.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Widen<S, V>(V upper) where S : struct, ISimd<V> where V : unmanaged
    {
        const float TwoToMinus14 = 1f / 16384;
        V magnitude = S.ShiftRight(S.And(upper, S.IntBroadcast(0x7FFF_0000)), 3);
        V normal = S.IntAdd(magnitude, S.IntBroadcast(112u << 23));
        V subnormal = S.Sub(S.IntAdd(magnitude, S.IntBroadcast(113u << 23)), S.Broadcast(TwoToMinus14));
        V isSubnormal = S.ShiftRightArithmetic(S.IntSub(magnitude, S.IntBroadcast(1u << 23)), 31);
        return S.Xor(S.Select(isSubnormal, subnormal, normal), S.And(upper, S.IntBroadcast(0x8000_0000)));
    }
}
