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
/// a scale per chunk:  y[r] = fma(mul(dw, dx[r]), i[r], y[r])
/// a scale per block:  acc[r] = fma(dw, i[r], acc[r]) from +0;  then y[r] = fma(dx[r], acc[r], y[r])
/// </code>
/// With 2 parts a lane (no instruction for bytes), the even and the odd bytes of a word take a turn each.
/// </summary>
internal readonly unsafe struct IntegerTile<TPanel> : ILinearKernel where TPanel : IIntegerPanel
{
    /// <summary>Bytes that hold 4 columns (of 8 bits) or 8 (of 4) of 32 rows.</summary>
    private const int GroupBytes = 128;

    /// <summary>As in <see cref="LinearTile{TFormat}"/>.</summary>
    private const int PrefetchBytes = 1536;

    public static nint WeightOffset(int k) => (nint)k / TPanel.BlockColumns * (TPanel.ScaleBytes + (TPanel.BlockColumns * TPanel.Bits / 32 * GroupBytes));

    public static nint InputOffset<S, V>(int row, int rows, int k, int columns) where S : struct, ISimd<V> where V : unmanaged =>
        QuantizeActivations.Words<S, V>() * (((nint)row * QuantizeActivations.Chunks(columns)) + ((nint)k / Reductions.Chunk * rows));

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Panel<S, V, TRows>(byte* w, float* x, int count, float* y) where S : struct, ISimd<V> where V : unmanaged where TRows : IRowCount
    {
        V* acc = stackalloc V[2 * TRows.Value];
        for (int j = 0; j < 16; j += S.Count)
        {
            Tile<S, V, TRows>(w + (4 * j), x, count, y + j, acc);
            if (TPanel.BlockColumns < Reductions.Chunk) AddChunk<S, V, TRows>(acc, x, y + j);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Tile<S, V, TRows>(byte* w, float* header, int count, float* y, V* acc) where S : struct, ISimd<V> where V : unmanaged where TRows : IRowCount
    {
        int perByte = S.DotParts == 4 ? 1 : 2;
        float* x = header + (QuantizeActivations.HeaderWords * TRows.Value);
        float* sums = header + (TPanel.BlockColumns == Reductions.Chunk ? QuantizeActivations.ChunkSum : QuantizeActivations.BlockSums) * TRows.Value;

        for (int begin = 0; begin < count; begin += TPanel.BlockColumns, sums += TRows.Value)
        {
            V a0 = S.Broadcast(*sums), b0 = a0, a1 = default, b1 = default, a2 = default, b2 = default, a3 = default, b3 = default;
            V a4 = default, b4 = default, a5 = default, b5 = default, a6 = default, b6 = default, a7 = default, b7 = default;
            V a8 = default, b8 = default, a9 = default, b9 = default, a10 = default, b10 = default, a11 = default, b11 = default;
            if (TRows.Value > 1) a1 = b1 = S.Broadcast(sums[1]);
            if (TRows.Value > 2) a2 = b2 = S.Broadcast(sums[2]);
            if (TRows.Value > 3) a3 = b3 = S.Broadcast(sums[3]);
            if (TRows.Value > 4) a4 = b4 = S.Broadcast(sums[4]);
            if (TRows.Value > 5) a5 = b5 = S.Broadcast(sums[5]);
            if (TRows.Value > 6) a6 = b6 = S.Broadcast(sums[6]);
            if (TRows.Value > 7) a7 = b7 = S.Broadcast(sums[7]);
            if (TRows.Value > 8) a8 = b8 = S.Broadcast(sums[8]);
            if (TRows.Value > 9) a9 = b9 = S.Broadcast(sums[9]);
            if (TRows.Value > 10) a10 = b10 = S.Broadcast(sums[10]);
            if (TRows.Value > 11) a11 = b11 = S.Broadcast(sums[11]);

            byte* scales = w;
            w += TPanel.ScaleBytes;
            int bits = Math.Min(TPanel.BlockColumns, count - begin) * TPanel.Bits;
            for (byte* end = w + ((nint)((bits + 31) / 32) * GroupBytes); w != end; w += GroupBytes)
            {
                if (Sse.IsSupported) Sse.Prefetch0(w + PrefetchBytes);
                if (Sse.IsSupported) Sse.Prefetch0(w + PrefetchBytes + 64);
                for (int nibble = 0; nibble < 8; nibble += TPanel.Bits)
                {
                    for (int part = 0; part < perByte; part++, x += TRows.Value)
                    {
                        V low = Columns<S, V>(S.Load((float*)w), nibble, part), high = Columns<S, V>(S.Load((float*)(w + 64)), nibble, part), v;
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

    /// <summary>The weights of a word that meet one word of activations, one in every part of a lane. Branches, because shifts by a constant are cheaper.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Columns<S, V>(V words, int nibble, int part) where S : struct, ISimd<V> where V : unmanaged
    {
        if (S.DotParts == 4 && TPanel.Bits == 8) return words;
        V mask = S.IntBroadcast(S.DotParts == 4 ? 0x0F0F_0F0F : TPanel.Bits == 4 ? 0x000F_000F : 0x00FF_00FFu);
        if (nibble == 0) return S.And(part == 0 ? words : S.ShiftRight(words, 8), mask);
        return S.And(S.ShiftRight(words, part == 0 ? 4 : 12), mask);
    }

    /// <summary>One row's sums of a block: to the totals where the block is a chunk, else to acc.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fold<S, V>(V dwLow, V dwHigh, float* dx, V low, V high, float* y, V* acc, bool first) where S : struct, ISimd<V> where V : unmanaged
    {
        low = S.IntToFloat(low);
        high = S.IntToFloat(high);
        if (TPanel.BlockColumns == Reductions.Chunk)
        {
            V scale = S.Broadcast(*dx);
            S.Store(S.Fma(S.Mul(dwLow, scale), low, S.Load(y)), y);
            S.Store(S.Fma(S.Mul(dwHigh, scale), high, S.Load(y + 16)), y + 16);
            return;
        }
        acc[0] = S.Fma(dwLow, low, first ? default : acc[0]);
        acc[1] = S.Fma(dwHigh, high, first ? default : acc[1]);
    }

    /// <summary>y[r] = fma(dx[r], acc[r], y[r]).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddChunk<S, V, TRows>(V* acc, float* dx, float* y) where S : struct, ISimd<V> where V : unmanaged where TRows : IRowCount
    {
        for (int r = 0; r < TRows.Value; r++, acc += 2, y += CpuWeight.PanelRows)
        {
            V scale = S.Broadcast(dx[r]);
            S.Store(S.Fma(scale, acc[0], S.Load(y)), y);
            S.Store(S.Fma(scale, acc[1], S.Load(y + 16)), y + 16);
        }
    }
}
