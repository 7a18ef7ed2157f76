using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Ogong.Kernels.Cpu;

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
internal readonly unsafe struct LinearTile<TFormat> : ILinearKernel where TFormat : IPanelFormat
{
    /// <summary>How far ahead weights are fetched: a few rows of activations are bound by memory, and the hardware's own prefetching stops at every page.</summary>
    private const int PrefetchBytes = 1536;

    public static nint WeightOffset(int k) => (nint)k * TFormat.Stride;

    public static nint InputOffset<S, V>(int row, int rows, int k, int columns) where S : struct, ISimd<V> where V : unmanaged => ((nint)row * columns) + ((nint)k * rows);

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Panel<S, V, TRows>(byte* w, float* x, int count, float* y) where S : struct, ISimd<V> where V : unmanaged where TRows : IRowCount
    {
        for (int j = 0; j < 16; j += S.Count)
            Tile<S, V, TRows>(w + (4 * j), x, count, y + j);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Tile<S, V, TRows>(byte* w, float* x, int count, float* y) where S : struct, ISimd<V> where V : unmanaged where TRows : IRowCount
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
}
