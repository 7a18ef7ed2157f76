using System.Runtime.CompilerServices;

namespace Ogong.Kernels.Cpu;

/// <summary>
/// How a panel of 32 weight rows stores integers: block after block, the scales of the 32 rows, then groups of 128 bytes. A group is 32 words,
/// word j of row j, of four columns of 8 bits (a byte each) or eight of 4 bits (the first four in the low halves of the bytes). The last group
/// is filled up with zeros.
/// </summary>
internal unsafe interface IIntegerPanel
{
    /// <summary>Bits of a weight: 8 or 4.</summary>
    static abstract int Bits { get; }

    /// <summary>What was added to the weights to make them unsigned.</summary>
    static abstract int Offset { get; }

    /// <summary>Columns with one scale per row: a divisor of 256.</summary>
    static abstract int BlockColumns { get; }

    /// <summary>Bytes of the scales of 32 rows.</summary>
    static abstract int ScaleBytes { get; }

    /// <summary>Scales of rows j, j + 1, …, given the address of word j of the scales.</summary>
    static abstract V LowScales<S, V>(byte* words) where S : struct, ISimd<V> where V : unmanaged;

    /// <summary>Scales of rows 16 + j, 16 + j + 1, ….</summary>
    static abstract V HighScales<S, V>(byte* words) where S : struct, ISimd<V> where V : unmanaged;
}

/// <summary>I8-256: a binary32 scale per row and chunk.</summary>
internal readonly unsafe struct PanelI8_256 : IIntegerPanel
{
    public static int Bits => 8;

    public static int Offset => 128;

    public static int BlockColumns => 256;

    public static int ScaleBytes => PanelF32.Stride;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LowScales<S, V>(byte* words) where S : struct, ISimd<V> where V : unmanaged => PanelF32.Low<S, V>(words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V HighScales<S, V>(byte* words) where S : struct, ISimd<V> where V : unmanaged => PanelF32.High<S, V>(words);
}

/// <summary>Q8_0: a binary16 scale per row and 32 columns, paired as in <see cref="PanelF16"/>.</summary>
internal readonly unsafe struct PanelQ8_0 : IIntegerPanel
{
    public static int Bits => 8;

    public static int Offset => 128;

    public static int BlockColumns => 32;

    public static int ScaleBytes => PanelF16.Stride;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LowScales<S, V>(byte* words) where S : struct, ISimd<V> where V : unmanaged => PanelF16.Low<S, V>(words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V HighScales<S, V>(byte* words) where S : struct, ISimd<V> where V : unmanaged => PanelF16.High<S, V>(words);
}

/// <summary>Q4_0: as Q8_0 with 4 bits, which the format itself offsets by 8.</summary>
internal readonly unsafe struct PanelQ4_0 : IIntegerPanel
{
    public static int Bits => 4;

    public static int Offset => 8;

    public static int BlockColumns => 32;

    public static int ScaleBytes => PanelF16.Stride;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LowScales<S, V>(byte* words) where S : struct, ISimd<V> where V : unmanaged => PanelF16.Low<S, V>(words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V HighScales<S, V>(byte* words) where S : struct, ISimd<V> where V : unmanaged => PanelF16.High<S, V>(words);
}
