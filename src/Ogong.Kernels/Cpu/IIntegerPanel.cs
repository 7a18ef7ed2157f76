using System.Runtime.CompilerServices;

namespace Ogong.Kernels.Cpu;

/// <summary>How the scales of a panel enter its totals.</summary>
internal enum PanelScales
{
    /// <summary>A binary number per chunk: <c>total = fma(mul(dw, dx), i, total)</c>.</summary>
    Chunk,

    /// <summary>A binary number per block: <c>acc = fma(dw, i, acc)</c>; per chunk <c>total = fma(dx, acc, total)</c>.</summary>
    Block,

    /// <summary>An integer per block and a binary number per chunk: <c>S = S + s·i</c>; <c>total = fma(mul(d, dx), S, total)</c>.</summary>
    Integer,

    /// <summary>A minimum besides: then <c>total = fma(−mul(dmin, dx), Σ m·Σx, total)</c>.</summary>
    IntegerAndMinimum,
}

/// <summary>
/// How a panel of 32 weight rows stores integers: per chunk the binary numbers of the 32 rows, if any; block after block, the scales of the 32
/// rows, then groups of planes of 128 bytes. A plane is 32 words, word j of row j, whose bytes are of four neighbouring columns. The last group
/// is filled up with zeros.
/// </summary>
internal unsafe interface IIntegerPanel
{
    /// <summary>How scales enter.</summary>
    static abstract PanelScales Scales { get; }

    /// <summary>What was added to the weights to make them unsigned; −1 where nothing was, and sums of x are needed as they are.</summary>
    static abstract int Offset { get; }

    /// <summary>Columns with one scale per row: a divisor of 256.</summary>
    static abstract int BlockColumns { get; }

    /// <summary>Bytes of the binary numbers of a chunk that come before its blocks.</summary>
    static abstract int ChunkScaleBytes { get; }

    /// <summary>Bytes of the scales of a block.</summary>
    static abstract int ScaleBytes { get; }

    /// <summary>Bytes of a group.</summary>
    static abstract int GroupBytes { get; }

    /// <summary>Columns of a group.</summary>
    static abstract int GroupColumns { get; }

    /// <summary>
    /// Whether weights have so few bits that a block's products sum up in the halves of a lane (<see cref="ISimd{V}.HalfDot"/>): no pair of
    /// products leaves 16 bits, nor does a block's sum once the offset is taken off, and the sums between wrap around.
    /// </summary>
    static abstract bool FitsHalves { get; }

    /// <summary>Words of activations that meet a group.</summary>
    static abstract int Steps<S, V>() where S : struct, ISimd<V> where V : unmanaged;

    /// <summary>The weights that meet word <paramref name="step"/> of them: bytes, or bytes widened to the halves of a lane.</summary>
    static abstract V Columns<S, V>(byte* group, int step) where S : struct, ISimd<V> where V : unmanaged;

    /// <summary>Scales of rows j, j + 1, …, given the address of word j of the scales; integers in either half of the lane where a lane has two parts.</summary>
    static abstract V LowScales<S, V>(byte* words) where S : struct, ISimd<V> where V : unmanaged;

    /// <summary>Scales of rows 16 + j, 16 + j + 1, ….</summary>
    static abstract V HighScales<S, V>(byte* words) where S : struct, ISimd<V> where V : unmanaged;
}

/// <summary>The parts of words of bytes, half bytes and pairs of bits.</summary>
internal static class PanelWords
{
    /// <summary>Whole bytes; with two parts a lane, bytes part and part + 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Bytes<S, V>(V words, int part) where S : struct, ISimd<V> where V : unmanaged =>
        S.DotParts == 4 ? words : S.And(part == 0 ? words : S.ShiftRight(words, 8), S.IntBroadcast(0x00FF_00FF));

    /// <summary>The low halves of bytes, or the high ones. A branch, because shifts by a constant are cheaper.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V HalfBytes<S, V>(V words, bool high) where S : struct, ISimd<V> where V : unmanaged =>
        S.And(high ? S.ShiftRight(words, 4) : words, S.IntBroadcast(0x0F0F_0F0F));

    /// <summary>The signed lower halves of lanes: in both halves where a lane has two parts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LowHalves<S, V>(V words) where S : struct, ISimd<V> where V : unmanaged
    {
        V upper = S.ShiftLeft(words, 16);
        return S.DotParts == 4 ? S.ShiftRightArithmetic(upper, 16) : S.Or(S.And(words, S.IntBroadcast(0x0000_FFFF)), upper);
    }

    /// <summary>The signed upper halves of lanes: in both halves where a lane has two parts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V HighHalves<S, V>(V words) where S : struct, ISimd<V> where V : unmanaged => S.DotParts == 4
        ? S.ShiftRightArithmetic(words, 16)
        : S.Or(S.ShiftRight(words, 16), S.And(words, S.IntBroadcast(0xFFFF_0000)));
}

/// <summary>I8-256: a binary32 scale per row and chunk.</summary>
internal readonly unsafe struct PanelI8_256 : IIntegerPanel
{
    public static PanelScales Scales => PanelScales.Chunk;

    public static int Offset => 128;

    public static int BlockColumns => 256;

    public static int ScaleBytes => PanelF32.Stride;

    public static int ChunkScaleBytes => 0;

    public static int GroupBytes => 128;

    public static int GroupColumns => 4;

    public static bool FitsHalves => false;

    public static int Steps<S, V>() where S : struct, ISimd<V> where V : unmanaged => 4 / S.DotParts;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Columns<S, V>(byte* group, int step) where S : struct, ISimd<V> where V : unmanaged => PanelWords.Bytes<S, V>(S.Load((float*)group), step);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LowScales<S, V>(byte* words) where S : struct, ISimd<V> where V : unmanaged => PanelF32.Low<S, V>(words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V HighScales<S, V>(byte* words) where S : struct, ISimd<V> where V : unmanaged => PanelF32.High<S, V>(words);
}

/// <summary>Q8_0: a binary16 scale per row and 32 columns, paired as in <see cref="PanelF16"/>.</summary>
internal readonly unsafe struct PanelQ8_0 : IIntegerPanel
{
    public static PanelScales Scales => PanelScales.Block;

    public static int Offset => 128;

    public static int BlockColumns => 32;

    public static int ScaleBytes => PanelF16.Stride;

    public static int ChunkScaleBytes => 0;

    public static int GroupBytes => 128;

    public static int GroupColumns => 4;

    public static bool FitsHalves => false;

    public static int Steps<S, V>() where S : struct, ISimd<V> where V : unmanaged => 4 / S.DotParts;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Columns<S, V>(byte* group, int step) where S : struct, ISimd<V> where V : unmanaged => PanelWords.Bytes<S, V>(S.Load((float*)group), step);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LowScales<S, V>(byte* words) where S : struct, ISimd<V> where V : unmanaged => PanelF16.Low<S, V>(words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V HighScales<S, V>(byte* words) where S : struct, ISimd<V> where V : unmanaged => PanelF16.High<S, V>(words);
}

/// <summary>Q4_0: as Q8_0 with 4 bits, which the format itself offsets by 8.</summary>
internal readonly unsafe struct PanelQ4_0 : IIntegerPanel
{
    public static PanelScales Scales => PanelScales.Block;

    public static int Offset => 8;

    public static int BlockColumns => 32;

    public static int ScaleBytes => PanelF16.Stride;

    public static int ChunkScaleBytes => 0;

    public static int GroupBytes => 128;

    public static int GroupColumns => 8;

    public static bool FitsHalves => true;

    public static int Steps<S, V>() where S : struct, ISimd<V> where V : unmanaged => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Columns<S, V>(byte* group, int step) where S : struct, ISimd<V> where V : unmanaged => PanelWords.HalfBytes<S, V>(S.Load((float*)group), step == 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LowScales<S, V>(byte* words) where S : struct, ISimd<V> where V : unmanaged => PanelF16.Low<S, V>(words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V HighScales<S, V>(byte* words) where S : struct, ISimd<V> where V : unmanaged => PanelF16.High<S, V>(words);
}
