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
    static abstract TVector Low<TVector, TLanes>(byte* words) where TVector : unmanaged where TLanes : ILanes<TVector>;

    /// <summary>Rows 16+j, 16+j+1, … of a column, given the address of its word j.</summary>
    static abstract TVector High<TVector, TLanes>(byte* words) where TVector : unmanaged where TLanes : ILanes<TVector>;
}

/// <summary>Binary32: words 0–15 are rows 0–15, words 16–31 are rows 16–31.</summary>
internal readonly unsafe struct PanelF32 : IPanelFormat
{
    public static int Stride => 128;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Low<TVector, TLanes>(byte* words) where TVector : unmanaged where TLanes : ILanes<TVector> => TLanes.Load(words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector High<TVector, TLanes>(byte* words) where TVector : unmanaged where TLanes : ILanes<TVector> => TLanes.Load(words + 64);
}

/// <summary>bfloat16: word j holds row j in its lower half, row 16+j in its upper half. Widening is a shift, or a mask.</summary>
internal readonly unsafe struct PanelBF16 : IPanelFormat
{
    public static int Stride => 64;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Low<TVector, TLanes>(byte* words) where TVector : unmanaged where TLanes : ILanes<TVector> =>
        TLanes.ShiftBitsLeft(TLanes.Load(words), 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector High<TVector, TLanes>(byte* words) where TVector : unmanaged where TLanes : ILanes<TVector> =>
        TLanes.AndBits(TLanes.Load(words), 0xFFFF_0000);
}

/// <summary>Binary16, paired as bfloat16 is.</summary>
internal readonly unsafe struct PanelF16 : IPanelFormat
{
    public static int Stride => 64;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Low<TVector, TLanes>(byte* words) where TVector : unmanaged where TLanes : ILanes<TVector> =>
        Widen<TVector, TLanes>(TLanes.ShiftBitsLeft(TLanes.Load(words), 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector High<TVector, TLanes>(byte* words) where TVector : unmanaged where TLanes : ILanes<TVector> =>
        Widen<TVector, TLanes>(TLanes.Load(words));

    /// <summary>
    /// Widens the binary16 in the upper half of each lane; exact, subnormals included, for finite values (loading refuses the others).
    /// With its exponent and fraction moved to binary32's places the exponent is 112 too small. A subnormal f · 2⁻²⁴ gets exponent 113, which makes it 2⁻¹⁴ + f · 2⁻²⁴, and loses the 2⁻¹⁴ again.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Widen<TVector, TLanes>(TVector upper) where TVector : unmanaged where TLanes : ILanes<TVector>
    {
        const float TwoToMinus14 = 1f / 16384;
        TVector magnitude = TLanes.ShiftBitsRight(TLanes.AndBits(upper, 0x7FFF_0000), 3);
        TVector normal = TLanes.AddBits(magnitude, 112u << 23);
        TVector subnormal = TLanes.Subtract(TLanes.AddBits(magnitude, 113u << 23), TwoToMinus14);
        return TLanes.OrBits(TLanes.IfBitsBelow(magnitude, 1u << 23, subnormal, normal), TLanes.AndBits(upper, 0x8000_0000));
    }
}
