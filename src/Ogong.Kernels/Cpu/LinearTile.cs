using System.Runtime.CompilerServices;

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
    /// <summary>Runs one chunk for <paramref name="rows"/> rows, 1 … <see cref="ILanes{TVector}.TileRows"/>, and all 32 rows of a panel.</summary>
    public static void Run<TVector, TLanes, TFormat>(int rows, byte* w, float* x, int count, float* y)
        where TVector : unmanaged where TLanes : ILanes<TVector> where TFormat : IPanelFormat
    {
        switch (rows)
        {
            case 1: Panel<TVector, TLanes, TFormat, One>(w, x, count, y); break;
            case 2: Panel<TVector, TLanes, TFormat, Two>(w, x, count, y); break;
            case 3: Panel<TVector, TLanes, TFormat, Three>(w, x, count, y); break;
            case 4: Panel<TVector, TLanes, TFormat, Four>(w, x, count, y); break;
            case 5: Panel<TVector, TLanes, TFormat, Five>(w, x, count, y); break;
            case 6: Panel<TVector, TLanes, TFormat, Six>(w, x, count, y); break;
            case 7: Panel<TVector, TLanes, TFormat, Seven>(w, x, count, y); break;
            case 8: Panel<TVector, TLanes, TFormat, Eight>(w, x, count, y); break;
            case 9: Panel<TVector, TLanes, TFormat, Nine>(w, x, count, y); break;
            case 10: Panel<TVector, TLanes, TFormat, Ten>(w, x, count, y); break;
            case 11: Panel<TVector, TLanes, TFormat, Eleven>(w, x, count, y); break;
            case 12: Panel<TVector, TLanes, TFormat, Twelve>(w, x, count, y); break;
            default: throw new ArgumentOutOfRangeException(nameof(rows));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Panel<TVector, TLanes, TFormat, TRows>(byte* w, float* x, int count, float* y)
        where TVector : unmanaged where TLanes : ILanes<TVector> where TFormat : IPanelFormat where TRows : IRowCount
    {
        for (int j = 0; j < 16; j += TLanes.Count)
            Tile<TVector, TLanes, TFormat, TRows>(w + (4 * j), x, count, y + j);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Tile<TVector, TLanes, TFormat, TRows>(byte* w, float* x, int count, float* y)
        where TVector : unmanaged where TLanes : ILanes<TVector> where TFormat : IPanelFormat where TRows : IRowCount
    {
        TVector a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default;
        TVector a6 = default, a7 = default, a8 = default, a9 = default, a10 = default, a11 = default;
        TVector b0 = default, b1 = default, b2 = default, b3 = default, b4 = default, b5 = default;
        TVector b6 = default, b7 = default, b8 = default, b9 = default, b10 = default, b11 = default;

        for (float* end = x + ((nint)count * TRows.Value); x != end; x += TRows.Value, w += TFormat.Stride)
        {
            TVector low = TFormat.Low<TVector, TLanes>(w), high = TFormat.High<TVector, TLanes>(w), v;
            v = TLanes.Broadcast(x); a0 = TLanes.Fma(v, low, a0); b0 = TLanes.Fma(v, high, b0);
            if (TRows.Value > 1) { v = TLanes.Broadcast(x + 1); a1 = TLanes.Fma(v, low, a1); b1 = TLanes.Fma(v, high, b1); }
            if (TRows.Value > 2) { v = TLanes.Broadcast(x + 2); a2 = TLanes.Fma(v, low, a2); b2 = TLanes.Fma(v, high, b2); }
            if (TRows.Value > 3) { v = TLanes.Broadcast(x + 3); a3 = TLanes.Fma(v, low, a3); b3 = TLanes.Fma(v, high, b3); }
            if (TRows.Value > 4) { v = TLanes.Broadcast(x + 4); a4 = TLanes.Fma(v, low, a4); b4 = TLanes.Fma(v, high, b4); }
            if (TRows.Value > 5) { v = TLanes.Broadcast(x + 5); a5 = TLanes.Fma(v, low, a5); b5 = TLanes.Fma(v, high, b5); }
            if (TRows.Value > 6) { v = TLanes.Broadcast(x + 6); a6 = TLanes.Fma(v, low, a6); b6 = TLanes.Fma(v, high, b6); }
            if (TRows.Value > 7) { v = TLanes.Broadcast(x + 7); a7 = TLanes.Fma(v, low, a7); b7 = TLanes.Fma(v, high, b7); }
            if (TRows.Value > 8) { v = TLanes.Broadcast(x + 8); a8 = TLanes.Fma(v, low, a8); b8 = TLanes.Fma(v, high, b8); }
            if (TRows.Value > 9) { v = TLanes.Broadcast(x + 9); a9 = TLanes.Fma(v, low, a9); b9 = TLanes.Fma(v, high, b9); }
            if (TRows.Value > 10) { v = TLanes.Broadcast(x + 10); a10 = TLanes.Fma(v, low, a10); b10 = TLanes.Fma(v, high, b10); }
            if (TRows.Value > 11) { v = TLanes.Broadcast(x + 11); a11 = TLanes.Fma(v, low, a11); b11 = TLanes.Fma(v, high, b11); }
        }

        AddTo<TVector, TLanes>(y, a0, b0);
        if (TRows.Value > 1) AddTo<TVector, TLanes>(y += CpuWeight.PanelRows, a1, b1);
        if (TRows.Value > 2) AddTo<TVector, TLanes>(y += CpuWeight.PanelRows, a2, b2);
        if (TRows.Value > 3) AddTo<TVector, TLanes>(y += CpuWeight.PanelRows, a3, b3);
        if (TRows.Value > 4) AddTo<TVector, TLanes>(y += CpuWeight.PanelRows, a4, b4);
        if (TRows.Value > 5) AddTo<TVector, TLanes>(y += CpuWeight.PanelRows, a5, b5);
        if (TRows.Value > 6) AddTo<TVector, TLanes>(y += CpuWeight.PanelRows, a6, b6);
        if (TRows.Value > 7) AddTo<TVector, TLanes>(y += CpuWeight.PanelRows, a7, b7);
        if (TRows.Value > 8) AddTo<TVector, TLanes>(y += CpuWeight.PanelRows, a8, b8);
        if (TRows.Value > 9) AddTo<TVector, TLanes>(y += CpuWeight.PanelRows, a9, b9);
        if (TRows.Value > 10) AddTo<TVector, TLanes>(y += CpuWeight.PanelRows, a10, b10);
        if (TRows.Value > 11) AddTo<TVector, TLanes>(y + CpuWeight.PanelRows, a11, b11);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTo<TVector, TLanes>(float* y, TVector low, TVector high) where TVector : unmanaged where TLanes : ILanes<TVector>
    {
        TLanes.Store(y, TLanes.Add(TLanes.Load(y), low));
        TLanes.Store(y + 16, TLanes.Add(TLanes.Load(y + 16), high));
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
