using Ogong.Compute;
using Ogong.Numerics;

namespace Ogong.Kernels.Cpu;

/// <summary>The two products of attention over one cache block, in register tiles of <see cref="Rows"/> queries by two vectors.</summary>
internal static unsafe class AttentionKernel<E, T> where E : struct, IElementFormat<T> where T : unmanaged
{
    /// <summary>Queries of a register tile.</summary>
    public const int Rows = 4;

    private const int Page = KvCacheShape.PageLength, Block = CpuKvCache.Block;

    /// <summary>
    /// scores[i, lane] = dot(q_i, k_lane), unscaled, for the lanes around [firstLane, endLane). Rows of 256, room for a multiple of
    /// <see cref="Rows"/> of them.
    /// </summary>
    public static void Scores<S, V>(float** queries, int count, T* keys, int firstLane, int endLane, int headDim, float* scores)
        where S : struct, ISimd<V> where V : unmanaged
    {
        int from = firstLane & -ChunkSoftmax.LaneBlock, to = (endLane + ChunkSoftmax.LaneBlock - 1) & -ChunkSoftmax.LaneBlock;
        for (int lane = from; lane < to; lane += count == 1 ? 2 * Block : Block)
        {
            T* k = keys + (lane * headDim);
            for (int w = 0; w < Block / 2; w += S.Count)
            {
                float* s = scores + lane + w;
                if (count == 1) Scores1<S, V>(queries[0], k, w, headDim, s);
                for (int i = 0; count > 1 && i < count; i += Rows)
                {
                    // The rows of a tile beyond the last query take that one again; nobody reads their scores.
                    float* q0 = queries[i], q1 = queries[Math.Min(i + 1, count - 1)], q2 = queries[Math.Min(i + 2, count - 1)],
                        q3 = queries[Math.Min(i + 3, count - 1)];
                    Scores4<S, V>(q0, q1, q2, q3, k, w, headDim, s + (i * Page));
                }
            }
        }
    }

    /// <summary>
    /// sums[i] = add(fma chain over keys [firstLane, endLane) of p_i and v, +0), all columns of the stride, for at most <see cref="Rows"/>
    /// queries. Lanes a query does not see have p = +0.
    /// </summary>
    public static void WeightedSums<S, V>(float* weights, int count, T* values, int firstLane, int endLane, int stride, float* sums)
        where S : struct, ISimd<V> where V : unmanaged
    {
        int i1 = Math.Min(1, count - 1), i2 = Math.Min(2, count - 1), i3 = Math.Min(3, count - 1);
        for (int d = 0; d < stride; d += Block)
        {
            bool two = count == 1 && d + Block < stride;
            for (int w = 0; w < Block / 2; w += S.Count)
            {
                float* o = sums + d + w;
                T* v = values + d;
                if (two) Sums1<S, V>(weights, v, w, firstLane, endLane, stride, o);
                else Sums4<S, V>(weights, weights + (i1 * Page), weights + (i2 * Page), weights + (i3 * Page), v, w, firstLane, endLane,
                    stride, o, o + (i1 * (long)stride), o + (i2 * (long)stride), o + (i3 * (long)stride));
            }
            if (two) d += Block;
        }
    }

    /// <summary>
    /// The keys and values of the lanes around [firstLane, endLane) as binary32, in the order of <see cref="F32Format"/>.
    /// </summary>
    public static void Widen<S, V>(T* block, int firstLane, int endLane, int headDim, int stride, float* wide)
        where S : struct, ISimd<V> where V : unmanaged
    {
        firstLane &= -ChunkSoftmax.LaneBlock;
        endLane = (endLane + ChunkSoftmax.LaneBlock - 1) & -ChunkSoftmax.LaneBlock;
        long values = (long)Page * headDim;
        Widen<S, V>(block, (long)firstLane * headDim, (long)endLane * headDim, wide);
        Widen<S, V>(block, values + ((long)firstLane * stride), values + ((long)endLane * stride), wide);
    }

    private static void Widen<S, V>(T* block, long from, long to, float* wide) where S : struct, ISimd<V> where V : unmanaged
    {
        for (long i = from; i < to; i += Block)
        {
            for (int w = 0; w < Block / 2; w += S.Count)
            {
                E.Load<S, V>(block + i, w, out V low, out V high);
                S.Store(low, wide + i + w);
                S.Store(high, wide + i + 16 + w);
            }
        }
    }

    private static void Scores4<S, V>(float* q0, float* q1, float* q2, float* q3, T* keys, int w, int headDim, float* scores)
        where S : struct, ISimd<V> where V : unmanaged
    {
        for (int start = 0; start < headDim; start += Reductions.Chunk)
        {
            V zero = S.Broadcast(0f), a00 = zero, a01 = zero, a10 = zero, a11 = zero, a20 = zero, a21 = zero, a30 = zero, a31 = zero;
            T* k = keys + (start * Block);
            for (nint d = start, end = Math.Min(start + Reductions.Chunk, headDim); d < end; d++, k += Block)
            {
                E.Prefetch(k);
                E.Load<S, V>(k, w, out V x0, out V x1);
                V b = S.Broadcast(q0[d]);
                a00 = S.Fma(b, x0, a00);
                a01 = S.Fma(b, x1, a01);
                b = S.Broadcast(q1[d]);
                a10 = S.Fma(b, x0, a10);
                a11 = S.Fma(b, x1, a11);
                b = S.Broadcast(q2[d]);
                a20 = S.Fma(b, x0, a20);
                a21 = S.Fma(b, x1, a21);
                b = S.Broadcast(q3[d]);
                a30 = S.Fma(b, x0, a30);
                a31 = S.Fma(b, x1, a31);
            }
            bool first = start == 0;
            AddTotal<S, V>(scores, a00, a01, first);
            AddTotal<S, V>(scores + Page, a10, a11, first);
            AddTotal<S, V>(scores + (2 * Page), a20, a21, first);
            AddTotal<S, V>(scores + (3 * Page), a30, a31, first);
        }
    }

    /// <summary>One query, two blocks: enough sums in flight to keep up with memory.</summary>
    private static void Scores1<S, V>(float* q, T* keys, int w, int headDim, float* scores) where S : struct, ISimd<V> where V : unmanaged
    {
        for (int start = 0; start < headDim; start += Reductions.Chunk)
        {
            V zero = S.Broadcast(0f), a0 = zero, a1 = zero, a2 = zero, a3 = zero;
            T* k = keys + (start * Block), next = k + (Block * headDim);
            for (nint d = start, end = Math.Min(start + Reductions.Chunk, headDim); d < end; d++, k += Block, next += Block)
            {
                E.Prefetch(k);
                E.Prefetch(next);
                V b = S.Broadcast(q[d]);
                E.Load<S, V>(k, w, out V x0, out V x1);
                a0 = S.Fma(b, x0, a0);
                a1 = S.Fma(b, x1, a1);
                E.Load<S, V>(next, w, out x0, out x1);
                a2 = S.Fma(b, x0, a2);
                a3 = S.Fma(b, x1, a3);
            }
            AddTotal<S, V>(scores, a0, a1, start == 0);
            AddTotal<S, V>(scores + Block, a2, a3, start == 0);
        }
    }

    /// <summary>total = add(total, acc), from +0; the second accumulator's lanes are 16 later.</summary>
    private static void AddTotal<S, V>(float* totals, V acc0, V acc1, bool first) where S : struct, ISimd<V> where V : unmanaged
    {
        V zero = S.Broadcast(0f);
        S.Store(S.Add(first ? zero : S.Load(totals), acc0), totals);
        S.Store(S.Add(first ? zero : S.Load(totals + 16), acc1), totals + 16);
    }

    private static void Sums4<S, V>(float* p0, float* p1, float* p2, float* p3, T* values, int w, int firstLane, int endLane, int stride,
        float* o0, float* o1, float* o2, float* o3)
        where S : struct, ISimd<V> where V : unmanaged
    {
        V zero = S.Broadcast(0f), a00 = zero, a01 = zero, a10 = zero, a11 = zero, a20 = zero, a21 = zero, a30 = zero, a31 = zero;
        T* v = values + ((long)firstLane * stride);
        for (nint lane = firstLane; lane < endLane; lane++, v += stride)
        {
            E.Prefetch(v);
            E.Load<S, V>(v, w, out V x0, out V x1);
            V b = S.Broadcast(p0[lane]);
            a00 = S.Fma(b, x0, a00);
            a01 = S.Fma(b, x1, a01);
            b = S.Broadcast(p1[lane]);
            a10 = S.Fma(b, x0, a10);
            a11 = S.Fma(b, x1, a11);
            b = S.Broadcast(p2[lane]);
            a20 = S.Fma(b, x0, a20);
            a21 = S.Fma(b, x1, a21);
            b = S.Broadcast(p3[lane]);
            a30 = S.Fma(b, x0, a30);
            a31 = S.Fma(b, x1, a31);
        }
        AddTotal<S, V>(o0, a00, a01, first: true);
        AddTotal<S, V>(o1, a10, a11, first: true);
        AddTotal<S, V>(o2, a20, a21, first: true);
        AddTotal<S, V>(o3, a30, a31, first: true);
    }

    /// <summary>One query, two blocks of columns.</summary>
    private static void Sums1<S, V>(float* p, T* values, int w, int firstLane, int endLane, int stride, float* sums)
        where S : struct, ISimd<V> where V : unmanaged
    {
        V zero = S.Broadcast(0f), a0 = zero, a1 = zero, a2 = zero, a3 = zero;
        T* v = values + ((long)firstLane * stride);
        for (nint lane = firstLane; lane < endLane; lane++, v += stride)
        {
            E.Prefetch(v);
            E.Prefetch(v + Block);
            V b = S.Broadcast(p[lane]);
            E.Load<S, V>(v, w, out V x0, out V x1);
            a0 = S.Fma(b, x0, a0);
            a1 = S.Fma(b, x1, a1);
            E.Load<S, V>(v + Block, w, out x0, out x1);
            a2 = S.Fma(b, x0, a2);
            a3 = S.Fma(b, x1, a3);
        }
        AddTotal<S, V>(sums, a0, a1, first: true);
        AddTotal<S, V>(sums + Block, a2, a3, first: true);
    }
}
