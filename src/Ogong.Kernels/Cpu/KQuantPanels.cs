using System.Runtime.CompilerServices;

namespace Ogong.Kernels.Cpu;

/// <summary>Q4_K: d and dmin per chunk, in binary16 paired as in <see cref="PanelF16"/>; per 32 columns scale and minimum, bytes of 16-bit elements paired the same way.</summary>
internal readonly unsafe struct PanelQ4K : IIntegerPanel
{
    // Not 0xFF: .NET 10 compiles a scalar lane's load under that mask to a load of the whole lane.
    private const uint SixBits = 0x003F_003F;

    public static PanelScales Scales => PanelScales.IntegerAndMinimum;

    public static int Offset => -1;

    public static int BlockColumns => 32;

    public static int ChunkScaleBytes => 2 * PanelF16.Stride;

    public static int ScaleBytes => 64;

    public static int GroupBytes => 128;

    public static int GroupColumns => 8;

    public static bool FitsHalves => true;

    public static int Steps<S, V>() where S : struct, ISimd<V> where V : unmanaged => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Columns<S, V>(byte* group, int step) where S : struct, ISimd<V> where V : unmanaged =>
        PanelWords.HalfBytes<S, V>(S.Load((float*)group), step == 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LowScales<S, V>(byte* words) where S : struct, ISimd<V> where V : unmanaged => PanelWords.LowHalves<S, V>(S.And(S.Load((float*)words), S.IntBroadcast(SixBits)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V HighScales<S, V>(byte* words) where S : struct, ISimd<V> where V : unmanaged => PanelWords.HighHalves<S, V>(S.And(S.Load((float*)words), S.IntBroadcast(SixBits)));

    /// <summary>Minima of rows j, j + 1, ….</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LowMinima<S, V>(byte* words) where S : struct, ISimd<V> where V : unmanaged => S.And(S.ShiftRight(S.Load((float*)words), 8), S.IntBroadcast(0x3F));

    /// <summary>Minima of rows 16 + j, 16 + j + 1, ….</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V HighMinima<S, V>(byte* words) where S : struct, ISimd<V> where V : unmanaged => S.ShiftRight(S.Load((float*)words), 24);
}

/// <summary>
/// Q6_K: d per chunk, in binary16; per 16 columns a scale, in 16 bits, and three planes: low halves of columns 0 to 7, of 8 to 15, and the upper
/// two bits of column 4t + b at bit 2t of byte b.
/// </summary>
internal readonly unsafe struct PanelQ6K : IIntegerPanel
{
    public static PanelScales Scales => PanelScales.Integer;

    public static int Offset => 32;

    public static int BlockColumns => 16;

    public static int ChunkScaleBytes => PanelF16.Stride;

    public static int ScaleBytes => 64;

    public static int GroupBytes => 384;

    public static int GroupColumns => 16;

    public static bool FitsHalves => true;

    public static int Steps<S, V>() where S : struct, ISimd<V> where V : unmanaged => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Columns<S, V>(byte* group, int step) where S : struct, ISimd<V> where V : unmanaged
    {
        // Shifts by a count in a register: four steps are a loop, and branches cost more.
        V low = S.ShiftRight(S.Load((float*)(group + ((step & 2) << 6))), (step & 1) << 2), upper = S.ShiftRight(S.Load((float*)(group + 256)), 2 * step);
        return S.Or(S.And(low, S.IntBroadcast(0x0F0F_0F0F)), S.ShiftLeft(S.And(upper, S.IntBroadcast(0x0303_0303)), 4));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LowScales<S, V>(byte* words) where S : struct, ISimd<V> where V : unmanaged => PanelWords.LowHalves<S, V>(S.Load((float*)words));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V HighScales<S, V>(byte* words) where S : struct, ISimd<V> where V : unmanaged => PanelWords.HighHalves<S, V>(S.Load((float*)words));
}
