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
/// With 2 parts a lane (no instruction that sums four bytes) weights of up to 6 bits are summed in the halves of lanes, which start at
/// −offset·Σx of their own columns and are added at the block's end; of weights of 8 bits the even and the odd bytes of a word take a turn each.
/// </summary>
internal readonly unsafe struct IntegerTile<TPanel> : ILinearKernel where TPanel : IIntegerPanel
{
    /// <summary>As in <see cref="LinearTile{TFormat}"/>.</summary>
    private const int PrefetchBytes = 1536;

    public static nint WeightOffset(int k) => (nint)k / Reductions.Chunk
        * (TPanel.ChunkScaleBytes + (Reductions.Chunk / TPanel.BlockColumns * (TPanel.ScaleBytes + (TPanel.BlockColumns / TPanel.GroupColumns * TPanel.GroupBytes))));

    public static nint InputOffset<S, V>(int row, int rows, int k, int columns) where S : struct, ISimd<V> where V : unmanaged =>
        QuantizeActivations.Words<S, V>(TPanel.FitsHalves) * (((nint)row * QuantizeActivations.Chunks(columns)) + ((nint)k / Reductions.Chunk * rows));

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Panel<S, V, TRows>(byte* w, float* x, int count, float* y) where S : struct, ISimd<V> where V : unmanaged where TRows : IRowCount
    {
        // Sums of a block and of the chunk, aligned to cache lines.
        byte* room = stackalloc byte[(4 * TRows.Value * sizeof(V)) + 63];
        V* sum = (V*)(((nint)room + 63) & ~63), acc = sum + (2 * TRows.Value);
        for (int j = 0; j < 16; j += S.Count)
        {
            Tile<S, V, TRows>(w + (4 * j), x, count, y + j, sum, acc);
            if (TPanel.Scales != PanelScales.Chunk) AddChunk<S, V, TRows>(w + (4 * j), acc, x, y + j);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile<S, V, TRows>(byte* w, float* header, int count, float* y, V* sum, V* acc) where S : struct, ISimd<V> where V : unmanaged where TRows : IRowCount
    {
        float* x = header + (QuantizeActivations.HeaderWords * TRows.Value);
        float* sums = header + (TRows.Value * TPanel.BlockColumns switch
        {
            16 => QuantizeActivations.Sums16,
            32 => QuantizeActivations.Sums32,
            _ => QuantizeActivations.ChunkSum,
        });
        w += TPanel.ChunkScaleBytes;
        for (int r = 0; r < 2 * TRows.Value; r++) acc[r] = default;

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
            // Only blocks of a whole chunk can be short.
            int columns = TPanel.BlockColumns == Reductions.Chunk ? count : TPanel.BlockColumns, groups = (columns + TPanel.GroupColumns - 1) / TPanel.GroupColumns;
            for (byte* end = w + ((nint)groups * TPanel.GroupBytes); w != end; w += TPanel.GroupBytes)
            {
                Prefetch(w + PrefetchBytes);
                for (int step = 0; step < TPanel.Steps<S, V>(); step++, x += TRows.Value)
                {
                    V low = TPanel.Columns<S, V>(w, step), high = TPanel.Columns<S, V>(w + 64, step), v;
                    v = S.Broadcast(*x); a0 = Dot<S, V>(a0, low, v); b0 = Dot<S, V>(b0, high, v);
                    if (TRows.Value > 1) { v = S.Broadcast(x[1]); a1 = Dot<S, V>(a1, low, v); b1 = Dot<S, V>(b1, high, v); }
                    if (TRows.Value > 2) { v = S.Broadcast(x[2]); a2 = Dot<S, V>(a2, low, v); b2 = Dot<S, V>(b2, high, v); }
                    if (TRows.Value > 3) { v = S.Broadcast(x[3]); a3 = Dot<S, V>(a3, low, v); b3 = Dot<S, V>(b3, high, v); }
                    if (TRows.Value > 4) { v = S.Broadcast(x[4]); a4 = Dot<S, V>(a4, low, v); b4 = Dot<S, V>(b4, high, v); }
                    if (TRows.Value > 5) { v = S.Broadcast(x[5]); a5 = Dot<S, V>(a5, low, v); b5 = Dot<S, V>(b5, high, v); }
                    if (TRows.Value > 6) { v = S.Broadcast(x[6]); a6 = Dot<S, V>(a6, low, v); b6 = Dot<S, V>(b6, high, v); }
                    if (TRows.Value > 7) { v = S.Broadcast(x[7]); a7 = Dot<S, V>(a7, low, v); b7 = Dot<S, V>(b7, high, v); }
                    if (TRows.Value > 8) { v = S.Broadcast(x[8]); a8 = Dot<S, V>(a8, low, v); b8 = Dot<S, V>(b8, high, v); }
                    if (TRows.Value > 9) { v = S.Broadcast(x[9]); a9 = Dot<S, V>(a9, low, v); b9 = Dot<S, V>(b9, high, v); }
                    if (TRows.Value > 10) { v = S.Broadcast(x[10]); a10 = Dot<S, V>(a10, low, v); b10 = Dot<S, V>(b10, high, v); }
                    if (TRows.Value > 11) { v = S.Broadcast(x[11]); a11 = Dot<S, V>(a11, low, v); b11 = Dot<S, V>(b11, high, v); }
                }
            }

            V dwLow = TPanel.LowScales<S, V>(scales), dwHigh = TPanel.HighScales<S, V>(scales);
            sum[0] = a0; sum[1] = b0;
            if (TRows.Value > 1) { sum[2] = a1; sum[3] = b1; }
            if (TRows.Value > 2) { sum[4] = a2; sum[5] = b2; }
            if (TRows.Value > 3) { sum[6] = a3; sum[7] = b3; }
            if (TRows.Value > 4) { sum[8] = a4; sum[9] = b4; }
            if (TRows.Value > 5) { sum[10] = a5; sum[11] = b5; }
            if (TRows.Value > 6) { sum[12] = a6; sum[13] = b6; }
            if (TRows.Value > 7) { sum[14] = a7; sum[15] = b7; }
            if (TRows.Value > 8) { sum[16] = a8; sum[17] = b8; }
            if (TRows.Value > 9) { sum[18] = a9; sum[19] = b9; }
            if (TRows.Value > 10) { sum[20] = a10; sum[21] = b10; }
            if (TRows.Value > 11) { sum[22] = a11; sum[23] = b11; }
            for (int r = 0; r < TRows.Value; r++) Fold<S, V>(dwLow, dwHigh, header + r, sum + (2 * r), y + (r * CpuWeight.PanelRows), acc + (2 * r));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* group)
    {
        if (!Sse.IsSupported) return;
        Sse.Prefetch0(group);
        Sse.Prefetch0(group + 64);
        if (TPanel.GroupBytes == 128) return;
        Sse.Prefetch0(group + 128);
        Sse.Prefetch0(group + 192);
        Sse.Prefetch0(group + 256);
        Sse.Prefetch0(group + 320);
    }

    /// <summary>What a block's sums start from.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Start<S, V>(float* sum) where S : struct, ISimd<V> where V : unmanaged => TPanel.Offset > 0 ? S.Broadcast(*sum) : default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Dot<S, V>(V sum, V w, V x) where S : struct, ISimd<V> where V : unmanaged =>
        InHalves<S, V>() ? S.HalfDot(sum, w, x) : S.IntDot(sum, w, x);

    /// <summary>Whether a block's sums are held in the halves of lanes, to be added at its end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool InHalves<S, V>() where S : struct, ISimd<V> where V : unmanaged => TPanel.FitsHalves && S.DotParts == 2;

    /// <summary>One row's sums of a block: to the totals where the block is a chunk, else to acc.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fold<S, V>(V dwLow, V dwHigh, float* dx, V* sum, float* y, V* acc) where S : struct, ISimd<V> where V : unmanaged
    {
        V low = sum[0], high = sum[1];
        if (TPanel.Scales is PanelScales.Integer or PanelScales.IntegerAndMinimum)
        {
            acc[0] = Scale<S, V>(acc[0], low, dwLow);
            acc[1] = Scale<S, V>(acc[1], high, dwHigh);
            return;
        }
        if (InHalves<S, V>())
        {
            V ones = S.IntBroadcast(0x0001_0001);
            low = S.IntDot(default, low, ones);
            high = S.IntDot(default, high, ones);
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
        acc[0] = S.Fma(dwLow, low, acc[0]);
        acc[1] = S.Fma(dwHigh, high, acc[1]);
    }

    /// <summary>sum + scale·value, in integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Scale<S, V>(V sum, V value, V scale) where S : struct, ISimd<V> where V : unmanaged =>
        InHalves<S, V>() ? S.IntDot(sum, value, scale) : S.IntAdd(sum, S.IntMulLow(value, scale));

    /// <summary>The sums of a whole chunk to the totals.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void AddChunk<S, V, TRows>(byte* w, V* acc, float* dx, float* y) where S : struct, ISimd<V> where V : unmanaged where TRows : IRowCount
    {
        bool block = TPanel.Scales == PanelScales.Block;
        V one = S.Broadcast(1), low = block ? one : PanelF16.Low<S, V>(w), high = block ? one : PanelF16.High<S, V>(w);
        for (int r = 0; r < TRows.Value; r++)
        {
            V scale = S.Broadcast(dx[r]), first = acc[2 * r], second = acc[(2 * r) + 1];
            if (block) Add<S, V>(y + (r * CpuWeight.PanelRows), scale, first, scale, second);
            else Add<S, V>(y + (r * CpuWeight.PanelRows), S.Mul(low, scale), S.IntToFloat(first), S.Mul(high, scale), S.IntToFloat(second));
        }
        if (TPanel.Scales == PanelScales.IntegerAndMinimum) AddMinima<S, V, TRows>(w, acc, dx, y);
    }

    /// <summary>What the minima of a chunk make, to the totals.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddMinima<S, V, TRows>(byte* w, V* acc, float* dx, float* y) where S : struct, ISimd<V> where V : unmanaged where TRows : IRowCount
    {
        for (int r = 0; r < 2 * TRows.Value; r++) acc[r] = default;
        byte* scales = w + TPanel.ChunkScaleBytes;
        float* sums = dx + (QuantizeActivations.Sums32 * TRows.Value);
        for (int block = 0; block < Reductions.Chunk / TPanel.BlockColumns; block++, sums += TRows.Value)
        {
            V lowMinima = PanelQ4K.LowMinima<S, V>(scales), highMinima = PanelQ4K.HighMinima<S, V>(scales);
            for (int r = 0; r < TRows.Value; r++)
            {
                V sum = S.Broadcast(sums[r]);
                acc[2 * r] = Scale<S, V>(acc[2 * r], lowMinima, sum);
                acc[(2 * r) + 1] = Scale<S, V>(acc[(2 * r) + 1], highMinima, sum);
            }
            scales += TPanel.ScaleBytes + (TPanel.BlockColumns / TPanel.GroupColumns * TPanel.GroupBytes);
        }
        V sign = S.IntBroadcast(0x8000_0000);
        V low = PanelF16.Low<S, V>(w + PanelF16.Stride), high = PanelF16.High<S, V>(w + PanelF16.Stride);
        for (int r = 0; r < TRows.Value; r++)
        {
            V scale = S.Broadcast(dx[r]);
            Add<S, V>(y + (r * CpuWeight.PanelRows), S.Xor(S.Mul(low, scale), sign), S.IntToFloat(acc[2 * r]), S.Xor(S.Mul(high, scale), sign), S.IntToFloat(acc[(2 * r) + 1]));
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
