using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Ogong.Kernels.Cpu;

/// <summary>A number of rows known to the JIT compiler.</summary>
internal interface IRowCount
{
    static abstract int Value { get; }
}

/// <summary>
/// The inner loop of Linear: one chunk (at most 256 columns) of R rows of activations against two vectors of weight rows, 2·R accumulators in registers.
/// <code>
/// x  [count × R]   packed: element (k, r) at k·R + r
/// w  [count]       panel columns (<see cref="IPanelFormat"/>), from word j on
/// y  [R × 32]      totals of the panel's rows, from j on
///
/// acc[r] = +0; for ascending k: acc[r] = fma(x[k][r], w[k], acc[r]);  y[r] = add(y[r], acc[r])
/// </code>
/// Per column: R broadcasts and 2 weight loads feed 2·R multiply-adds, so the two multiply-add ports are the limit, not the two load ports.
/// </summary>
internal static unsafe class LinearTile
{
    /// <summary>How far ahead weights are fetched: a few rows of activations are bound by memory, and the hardware's own prefetching stops at every page.</summary>
    private const int PrefetchBytes = 1536;

    /// <summary>Runs one chunk for <paramref name="rows"/> rows, 1 … 12, and all 32 rows of a panel.</summary>
    public static void Run<S, V, TFormat>(int rows, byte* w, float* x, int count, float* y)
        where S : struct, ISimd<V> where V : unmanaged where TFormat : IPanelFormat
    {
        switch (rows)
        {
            case 1: Panel<S, V, TFormat, One>(w, x, count, y); break;
            case 2: Panel<S, V, TFormat, Two>(w, x, count, y); break;
            case 3: Panel<S, V, TFormat, Three>(w, x, count, y); break;
            case 4: Panel<S, V, TFormat, Four>(w, x, count, y); break;
            case 5: Panel<S, V, TFormat, Five>(w, x, count, y); break;
            case 6: Panel<S, V, TFormat, Six>(w, x, count, y); break;
            case 7: Panel<S, V, TFormat, Seven>(w, x, count, y); break;
            case 8: Panel<S, V, TFormat, Eight>(w, x, count, y); break;
            case 9: Panel<S, V, TFormat, Nine>(w, x, count, y); break;
            case 10: Panel<S, V, TFormat, Ten>(w, x, count, y); break;
            case 11: Panel<S, V, TFormat, Eleven>(w, x, count, y); break;
            case 12: Panel<S, V, TFormat, Twelve>(w, x, count, y); break;
            default: throw new ArgumentOutOfRangeException(nameof(rows));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Panel<S, V, TFormat, TRows>(byte* w, float* x, int count, float* y)
        where S : struct, ISimd<V> where V : unmanaged where TFormat : IPanelFormat where TRows : IRowCount
    {
        for (int j = 0; j < 16; j += S.Count)
            Tile<S, V, TFormat, TRows>(w + (4 * j), x, count, y + j);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Tile<S, V, TFormat, TRows>(byte* w, float* x, int count, float* y)
        where S : struct, ISimd<V> where V : unmanaged where TFormat : IPanelFormat where TRows : IRowCount
    {
        V a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default;
        V a6 = default, a7 = default, a8 = default, a9 = default, a10 = default, a11 = default;
        V b0 = default, b1 = default, b2 = default, b3 = default, b4 = default, b5 = default;
        V b6 = default, b7 = default, b8 = default, b9 = default, b10 = default, b11 = default;

        for (float* end = x + ((nint)count * TRows.Value); x != end; x += TRows.Value, w += TFormat.Stride)
        {
            if (Sse.IsSupported) Sse.Prefetch0(w + PrefetchBytes);
            V low = TFormat.Low<S, V>(w), high = TFormat.High<S, V>(w), v;
            v = S.Broadcast(*x); a0 = S.Fma(v, low, a0); b0 = S.Fma(v, high, b0);
            if (TRows.Value > 1) { v = S.Broadcast(x[1]); a1 = S.Fma(v, low, a1); b1 = S.Fma(v, high, b1); }
            if (TRows.Value > 2) { v = S.Broadcast(x[2]); a2 = S.Fma(v, low, a2); b2 = S.Fma(v, high, b2); }
            if (TRows.Value > 3) { v = S.Broadcast(x[3]); a3 = S.Fma(v, low, a3); b3 = S.Fma(v, high, b3); }
            if (TRows.Value > 4) { v = S.Broadcast(x[4]); a4 = S.Fma(v, low, a4); b4 = S.Fma(v, high, b4); }
            if (TRows.Value > 5) { v = S.Broadcast(x[5]); a5 = S.Fma(v, low, a5); b5 = S.Fma(v, high, b5); }
            if (TRows.Value > 6) { v = S.Broadcast(x[6]); a6 = S.Fma(v, low, a6); b6 = S.Fma(v, high, b6); }
            if (TRows.Value > 7) { v = S.Broadcast(x[7]); a7 = S.Fma(v, low, a7); b7 = S.Fma(v, high, b7); }
            if (TRows.Value > 8) { v = S.Broadcast(x[8]); a8 = S.Fma(v, low, a8); b8 = S.Fma(v, high, b8); }
            if (TRows.Value > 9) { v = S.Broadcast(x[9]); a9 = S.Fma(v, low, a9); b9 = S.Fma(v, high, b9); }
            if (TRows.Value > 10) { v = S.Broadcast(x[10]); a10 = S.Fma(v, low, a10); b10 = S.Fma(v, high, b10); }
            if (TRows.Value > 11) { v = S.Broadcast(x[11]); a11 = S.Fma(v, low, a11); b11 = S.Fma(v, high, b11); }
        }

        AddTo<S, V>(y, a0, b0);
        if (TRows.Value > 1) AddTo<S, V>(y += CpuWeight.PanelRows, a1, b1);
        if (TRows.Value > 2) AddTo<S, V>(y += CpuWeight.PanelRows, a2, b2);
        if (TRows.Value > 3) AddTo<S, V>(y += CpuWeight.PanelRows, a3, b3);
        if (TRows.Value > 4) AddTo<S, V>(y += CpuWeight.PanelRows, a4, b4);
        if (TRows.Value > 5) AddTo<S, V>(y += CpuWeight.PanelRows, a5, b5);
        if (TRows.Value > 6) AddTo<S, V>(y += CpuWeight.PanelRows, a6, b6);
        if (TRows.Value > 7) AddTo<S, V>(y += CpuWeight.PanelRows, a7, b7);
        if (TRows.Value > 8) AddTo<S, V>(y += CpuWeight.PanelRows, a8, b8);
        if (TRows.Value > 9) AddTo<S, V>(y += CpuWeight.PanelRows, a9, b9);
        if (TRows.Value > 10) AddTo<S, V>(y += CpuWeight.PanelRows, a10, b10);
        if (TRows.Value > 11) AddTo<S, V>(y + CpuWeight.PanelRows, a11, b11);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTo<S, V>(float* y, V low, V high) where S : struct, ISimd<V> where V : unmanaged
    {
        S.Store(S.Add(S.Load(y), low), y);
        S.Store(S.Add(S.Load(y + 16), high), y + 16);
    }

    private readonly struct One : IRowCount { public static int Value => 1; }

    private readonly struct Two : IRowCount { public static int Value => 2; }

    private readonly struct Three : IRowCount { public static int Value => 3; }

    private readonly struct Four : IRowCount { public static int Value => 4; }

    private readonly struct Five : IRowCount { public static int Value => 5; }

    private readonly struct Six : IRowCount { public static int Value => 6; }

    private readonly struct Seven : IRowCount { public static int Value => 7; }

    private readonly struct Eight : IRowCount { public static int Value => 8; }

    private readonly struct Nine : IRowCount { public static int Value => 9; }

    private readonly struct Ten : IRowCount { public static int Value => 10; }

    private readonly struct Eleven : IRowCount { public static int Value => 11; }

    private readonly struct Twelve : IRowCount { public static int Value => 12; }
}
