using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Ogong.Numerics;

namespace Ogong.Kernels.Cpu;

/// <summary>
/// The inner loop of Linear on integer weights: one chunk of R rows of quantised activations against two vectors of weight rows. Weights are
/// stored with an offset that makes them unsigned, so the sums of a block start at −offset·Σx and end exact.
/// <code>
/// x  one chunk of <see cref="QuantizeActivations"/>
/// w  one chunk of <see cref="IIntegerPanel"/>, from word j on
/// y  [R × 32]  totals of the panel's rows, from j on
///
/// per block: i[r] = −offset·Σx; for every group of columns: i[r] += Σ w·x
/// then i[r] enters y[r] as <see cref="PanelScales"/> says
/// </code>
/// With 2 parts a lane (no instruction for bytes), the even and the odd bytes of a word take a turn each.
/// </summary>
internal readonly unsafe struct IntegerTile<TPanel> : ILinearKernel where TPanel : IIntegerPanel
{
    /// <summary>As in <see cref="LinearTile{TFormat}"/>.</summary>
    private const int PrefetchBytes = 1536;

    public static nint WeightOffset(int k) => (nint)k / Reductions.Chunk
        * (TPanel.ChunkScaleBytes + (Reductions.Chunk / TPanel.BlockColumns * (TPanel.ScaleBytes + (TPanel.BlockColumns / (4 * TPanel.GroupSteps) * TPanel.GroupBytes))));

    public static nint InputOffset<S, V>(int row, int rows, int k, int columns) where S : struct, ISimd<V> where V : unmanaged =>
        QuantizeActivations.Words<S, V>() * (((nint)row * QuantizeActivations.Chunks(columns)) + ((nint)k / Reductions.Chunk * rows));

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Panel<S, V, TRows>(byte* w, float* x, int count, float* y) where S : struct, ISimd<V> where V : unmanaged where TRows : IRowCount
    {
        V* acc = stackalloc V[2 * TRows.Value];
        for (int j = 0; j < 16; j += S.Count)
        {
            Tile<S, V, TRows>(w + (4 * j), x, count, y + j, acc);
            if (TPanel.Scales != PanelScales.Chunk) AddChunk<S, V, TRows>(w + (4 * j), acc, x, y + j);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Tile<S, V, TRows>(byte* w, float* header, int count, float* y, V* acc) where S : struct, ISimd<V> where V : unmanaged where TRows : IRowCount
    {
        int parts = 4 / S.DotParts;
        float* x = header + (QuantizeActivations.HeaderWords * TRows.Value);
        float* sums = header + (TRows.Value * TPanel.BlockColumns switch
        {
            16 => QuantizeActivations.Sums16,
            32 => QuantizeActivations.Sums32,
            _ => QuantizeActivations.ChunkSum,
        });
        w += TPanel.ChunkScaleBytes;

        for (int begin = 0; begin < count; begin += TPanel.BlockColumns, sums += TRows.Value)
        {
            V a0 = Start<S, V>(sums), b0 = a0, a1 = default, b1 = default, a2 = default, b2 = default, a3 = default, b3 = default;
            V a4 = default, b4 = default, a5 = default, b5 = default, a6 = default, b6 = default, a7 = default, b7 = default;
            V a8 = default, b8 = default, a9 = default, b9 = default, a10 = default, b10 = default, a11 = default, b11 = default;
            if (TRows.Value > 1) a1 = b1 = Start<S, V>(sums + 1);
            if (TRows.Value > 2) a2 = b2 = Start<S, V>(sums + 2);
            if (TRows.Value > 3) a3 = b3 = Start<S, V>(sums + 3);
            if (TRows.Value > 4) a4 = b4 = Start<S, V>(sums + 4);
            if (TRows.Value > 5) a5 = b5 = Start<S, V>(sums + 5);
            if (TRows.Value > 6) a6 = b6 = Start<S, V>(sums + 6);
            if (TRows.Value > 7) a7 = b7 = Start<S, V>(sums + 7);
            if (TRows.Value > 8) a8 = b8 = Start<S, V>(sums + 8);
            if (TRows.Value > 9) a9 = b9 = Start<S, V>(sums + 9);
            if (TRows.Value > 10) a10 = b10 = Start<S, V>(sums + 10);
            if (TRows.Value > 11) a11 = b11 = Start<S, V>(sums + 11);

            byte* scales = w;
            w += TPanel.ScaleBytes;
            int steps = (Math.Min(TPanel.BlockColumns, count - begin) + 3) / 4, groups = (steps + TPanel.GroupSteps - 1) / TPanel.GroupSteps;
            for (byte* end = w + ((nint)groups * TPanel.GroupBytes); w != end; w += TPanel.GroupBytes)
            {
                for (int line = 0; Sse.IsSupported && line < TPanel.GroupBytes; line += 64) Sse.Prefetch0(w + PrefetchBytes + line);
                for (int step = 0; step < TPanel.GroupSteps; step++)
                {
                    for (int part = 0; part < parts; part++, x += TRows.Value)
                    {
                        V low = TPanel.Columns<S, V>(w, step, part), high = TPanel.Columns<S, V>(w + 64, step, part), v;
                        v = S.Broadcast(*x); a0 = S.IntDot(a0, low, v); b0 = S.IntDot(b0, high, v);
                        if (TRows.Value > 1) { v = S.Broadcast(x[1]); a1 = S.IntDot(a1, low, v); b1 = S.IntDot(b1, high, v); }
                        if (TRows.Value > 2) { v = S.Broadcast(x[2]); a2 = S.IntDot(a2, low, v); b2 = S.IntDot(b2, high, v); }
                        if (TRows.Value > 3) { v = S.Broadcast(x[3]); a3 = S.IntDot(a3, low, v); b3 = S.IntDot(b3, high, v); }
                        if (TRows.Value > 4) { v = S.Broadcast(x[4]); a4 = S.IntDot(a4, low, v); b4 = S.IntDot(b4, high, v); }
                        if (TRows.Value > 5) { v = S.Broadcast(x[5]); a5 = S.IntDot(a5, low, v); b5 = S.IntDot(b5, high, v); }
                        if (TRows.Value > 6) { v = S.Broadcast(x[6]); a6 = S.IntDot(a6, low, v); b6 = S.IntDot(b6, high, v); }
                        if (TRows.Value > 7) { v = S.Broadcast(x[7]); a7 = S.IntDot(a7, low, v); b7 = S.IntDot(b7, high, v); }
                        if (TRows.Value > 8) { v = S.Broadcast(x[8]); a8 = S.IntDot(a8, low, v); b8 = S.IntDot(b8, high, v); }
                        if (TRows.Value > 9) { v = S.Broadcast(x[9]); a9 = S.IntDot(a9, low, v); b9 = S.IntDot(b9, high, v); }
                        if (TRows.Value > 10) { v = S.Broadcast(x[10]); a10 = S.IntDot(a10, low, v); b10 = S.IntDot(b10, high, v); }
                        if (TRows.Value > 11) { v = S.Broadcast(x[11]); a11 = S.IntDot(a11, low, v); b11 = S.IntDot(b11, high, v); }
                    }
                }
            }

            bool first = begin == 0;
            V dwLow = TPanel.LowScales<S, V>(scales), dwHigh = TPanel.HighScales<S, V>(scales);
            Fold<S, V>(dwLow, dwHigh, header, a0, b0, y, acc, first);
            if (TRows.Value > 1) Fold<S, V>(dwLow, dwHigh, header + 1, a1, b1, y + CpuWeight.PanelRows, acc + 2, first);
            if (TRows.Value > 2) Fold<S, V>(dwLow, dwHigh, header + 2, a2, b2, y + (2 * CpuWeight.PanelRows), acc + 4, first);
            if (TRows.Value > 3) Fold<S, V>(dwLow, dwHigh, header + 3, a3, b3, y + (3 * CpuWeight.PanelRows), acc + 6, first);
            if (TRows.Value > 4) Fold<S, V>(dwLow, dwHigh, header + 4, a4, b4, y + (4 * CpuWeight.PanelRows), acc + 8, first);
            if (TRows.Value > 5) Fold<S, V>(dwLow, dwHigh, header + 5, a5, b5, y + (5 * CpuWeight.PanelRows), acc + 10, first);
            if (TRows.Value > 6) Fold<S, V>(dwLow, dwHigh, header + 6, a6, b6, y + (6 * CpuWeight.PanelRows), acc + 12, first);
            if (TRows.Value > 7) Fold<S, V>(dwLow, dwHigh, header + 7, a7, b7, y + (7 * CpuWeight.PanelRows), acc + 14, first);
            if (TRows.Value > 8) Fold<S, V>(dwLow, dwHigh, header + 8, a8, b8, y + (8 * CpuWeight.PanelRows), acc + 16, first);
            if (TRows.Value > 9) Fold<S, V>(dwLow, dwHigh, header + 9, a9, b9, y + (9 * CpuWeight.PanelRows), acc + 18, first);
            if (TRows.Value > 10) Fold<S, V>(dwLow, dwHigh, header + 10, a10, b10, y + (10 * CpuWeight.PanelRows), acc + 20, first);
            if (TRows.Value > 11) Fold<S, V>(dwLow, dwHigh, header + 11, a11, b11, y + (11 * CpuWeight.PanelRows), acc + 22, first);
        }
    }

    /// <summary>What a block's sums start from.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Start<S, V>(float* sum) where S : struct, ISimd<V> where V : unmanaged => TPanel.Offset > 0 ? S.Broadcast(*sum) : default;

    /// <summary>One row's sums of a block: to the totals where the block is a chunk, else to acc.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fold<S, V>(V dwLow, V dwHigh, float* dx, V low, V high, float* y, V* acc, bool first) where S : struct, ISimd<V> where V : unmanaged
    {
        if (TPanel.Scales is PanelScales.Integer or PanelScales.IntegerAndMinimum)
        {
            acc[0] = S.IntAdd(S.IntMulLow(dwLow, low), first ? default : acc[0]);
            acc[1] = S.IntAdd(S.IntMulLow(dwHigh, high), first ? default : acc[1]);
            return;
        }
        low = S.IntToFloat(low);
        high = S.IntToFloat(high);
        if (TPanel.Scales == PanelScales.Chunk)
        {
            V scale = S.Broadcast(*dx);
            S.Store(S.Fma(S.Mul(dwLow, scale), low, S.Load(y)), y);
            S.Store(S.Fma(S.Mul(dwHigh, scale), high, S.Load(y + 16)), y + 16);
            return;
        }
        acc[0] = S.Fma(dwLow, low, first ? default : acc[0]);
        acc[1] = S.Fma(dwHigh, high, first ? default : acc[1]);
    }

    /// <summary>The sums of a whole chunk to the totals.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddChunk<S, V, TRows>(byte* w, V* acc, float* dx, float* y) where S : struct, ISimd<V> where V : unmanaged where TRows : IRowCount
    {
        for (int r = 0; r < TRows.Value; r++, acc += 2, y += CpuWeight.PanelRows)
        {
            V scale = S.Broadcast(dx[r]);
            if (TPanel.Scales == PanelScales.Block)
            {
                Add<S, V>(y, scale, acc[0], scale, acc[1]);
                continue;
            }
            Add<S, V>(y, S.Mul(PanelF16.Low<S, V>(w), scale), S.IntToFloat(acc[0]), S.Mul(PanelF16.High<S, V>(w), scale), S.IntToFloat(acc[1]));
            if (TPanel.Scales != PanelScales.IntegerAndMinimum) continue;
            V low = default, high = default;
            byte* scales = w + TPanel.ChunkScaleBytes;
            for (int block = 0; block < Reductions.Chunk / TPanel.BlockColumns; block++, scales += TPanel.ScaleBytes + (TPanel.BlockColumns / (4 * TPanel.GroupSteps) * TPanel.GroupBytes))
            {
                V sum = S.Broadcast(dx[((QuantizeActivations.Sums32 + block) * TRows.Value) + r]);
                low = S.IntAdd(low, S.IntMulLow(PanelQ4K.LowMinima<S, V>(scales), sum));
                high = S.IntAdd(high, S.IntMulLow(PanelQ4K.HighMinima<S, V>(scales), sum));
            }
            V sign = S.IntBroadcast(0x8000_0000);
            byte* minima = w + PanelF16.Stride;
            Add<S, V>(y, S.Xor(S.Mul(PanelF16.Low<S, V>(minima), scale), sign), S.IntToFloat(low), S.Xor(S.Mul(PanelF16.High<S, V>(minima), scale), sign), S.IntToFloat(high));
        }
    }

    /// <summary>y = fma(scale, value, y), for both halves of a panel's rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<S, V>(float* y, V lowScale, V low, V highScale, V high) where S : struct, ISimd<V> where V : unmanaged
    {
        S.Store(S.Fma(lowScale, low, S.Load(y)), y);
        S.Store(S.Fma(highScale, high, S.Load(y + 16)), y + 16);
    }
}
