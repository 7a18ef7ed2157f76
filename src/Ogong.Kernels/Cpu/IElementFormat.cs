using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Ogong.Numerics;

namespace Ogong.Kernels.Cpu;

/// <summary>
/// A storage type of cache entries: rounding one value on append, widening vectors on read. Entries lie in blocks of
/// <see cref="CpuKvCache.Block"/>; reading gives two vectors at once,
/// entries i … and i + 16 …. A 16-bit format keeps the entries i and i + 16 in one 32-bit word, so that no lane has to move when they
/// widen.
/// </summary>
internal unsafe interface IElementFormat<T> where T : unmanaged
{
    /// <summary>The nearest value of the format, ties to even.</summary>
    static abstract T Round(float value);

    /// <summary>The binary32 of the same value.</summary>
    static abstract float Widen(T value);

    /// <summary>Where entry <paramref name="i"/> of a block lies.</summary>
    static abstract int Place(int i);

    /// <summary>
    /// Fetches the block that comes a little later in memory: past the keys come the values, past those the next head's keys.
    /// </summary>
    static abstract void Prefetch(T* block);

    /// <summary>Widens entries <paramref name="i"/>, i + 1, … of a block, i &lt; 16, and those 16 later.</summary>
    static abstract void Load<S, V>(T* block, int i, out V low, out V high) where S : struct, ISimd<V> where V : unmanaged;
}

/// <summary>A format whose entries are in a cache already: as <typeparamref name="E"/>, without prefetching.</summary>
internal readonly unsafe struct Resident<E, T> : IElementFormat<T> where E : struct, IElementFormat<T> where T : unmanaged
{
    public static T Round(float value) => E.Round(value);

    public static float Widen(T value) => E.Widen(value);

    public static int Place(int i) => E.Place(i);

    public static void Prefetch(T* block)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load<S, V>(T* block, int i, out V low, out V high)
        where S : struct, ISimd<V> where V : unmanaged => E.Load<S, V>(block, i, out low, out high);
}

/// <summary>Prefetching of a stream of entries.</summary>
internal static unsafe class EntryStream
{
    /// <summary>How far ahead: decode is bound by memory, and the hardware's own prefetching stops at every 4 KiB.</summary>
    private const int PrefetchBytes = 1536;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(void* line)
    {
        if (Sse.IsSupported) Sse.Prefetch0((byte*)line + PrefetchBytes);
    }
}

internal readonly unsafe struct F32Format : IElementFormat<float>
{
    public static float Round(float value) => value;

    public static float Widen(float value) => value;

    public static int Place(int i) => i;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* block)
    {
        EntryStream.Prefetch(block);
        EntryStream.Prefetch(block + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load<S, V>(float* block, int i, out V low, out V high) where S : struct, ISimd<V> where V : unmanaged
    {
        low = S.Load(block + i);
        high = S.Load(block + 16 + i);
    }
}

internal readonly unsafe struct BF16Format : IElementFormat<ushort>
{
    public static ushort Round(float value) => BFloat16Format.Round(value);

    public static float Widen(ushort value) => BFloat16Format.Widen(value);

    public static int Place(int i) => (2 * (i & 15)) + (i >> 4);

    public static void Prefetch(ushort* block) => EntryStream.Prefetch(block);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load<S, V>(ushort* block, int i, out V low, out V high) where S : struct, ISimd<V> where V : unmanaged
    {
        V words = S.Load((float*)block + i);
        low = S.ShiftLeft(words, 16);
        high = S.And(words, S.IntBroadcast(0xFFFF_0000));
    }
}

internal readonly unsafe struct F16Format : IElementFormat<ushort>
{
    public static ushort Round(float value) => Float16Format.Round(value);

    public static float Widen(ushort value) => Float16Format.Widen(value);

    public static int Place(int i) => BF16Format.Place(i);

    public static void Prefetch(ushort* block) => EntryStream.Prefetch(block);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load<S, V>(ushort* block, int i, out V low, out V high) where S : struct, ISimd<V> where V : unmanaged
    {
        V words = S.Load((float*)block + i);
        low = WidenUpper<S, V>(S.ShiftLeft(words, 16));
        high = WidenUpper<S, V>(words);
    }

    /// <summary>
    /// Widens the finite binary16 in the upper half of each lane: its lower 15 bits, moved to where a binary32 has them, are the magnitude
    /// scaled by 2⁻¹¹², subnormals included.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V WidenUpper<S, V>(V words) where S : struct, ISimd<V> where V : unmanaged
    {
        V magnitude = S.And(S.ShiftRight(words, 3), S.IntBroadcast(0x0FFF_E000));
        V sign = S.And(words, S.IntBroadcast(0x8000_0000));
        return S.Or(S.Mul(magnitude, S.IntBroadcast(0x7780_0000)), sign); // 2^112
    }
}
