using Ogong.Compute;
using Ogong.Numerics;

namespace Ogong.Kernels.Cpu;

/// <summary>The two products of attention over one cache block, in register tiles of <see cref="Rows"/> queries by two vectors.</summary>
internal static unsafe class AttentionKernel<E, T> where E : struct, IElementFormat<T> where T : unmanaged
{
    /// <summary>Queries of a register tile.</summary>
    public const int Rows = 4;

    /// <summary>scores[i, lane] = dot(q_i, k_lane), unscaled, for the lanes around [firstLane, endLane); rows of 256.</summary>
    public static void Scores<S, V>(float** queries, int count, T* keys, int firstLane, int endLane, int headDim, float* scores) where S : struct, ISimd<V> where V : unmanaged
    {
        firstLane &= -ChunkSoftmax.LaneBlock;
        for (int lane = firstLane; lane < endLane; lane += 2 * S.Count)
        {
            T* k0 = KeysOf(keys, lane, headDim), k1 = KeysOf(keys, lane + S.Count, headDim);
            float* s = scores + lane;
            int i = 0;
            for (; i <= count - Rows; i += Rows) Scores4<S, V>(queries[i], queries[i + 1], queries[i + 2], queries[i + 3], k0, k1, headDim, s + (i * KvCacheShape.PageLength));
            for (; i < count; i++) Scores1<S, V>(queries[i], k0, k1, headDim, s + (i * KvCacheShape.PageLength));
        }
    }

    /// <summary>sums[i] = add(fma chain over keys [firstLane, endLane) of p_i and v, +0), all columns of the stride. Lanes a query does not see have p = +0.</summary>
    public static void WeightedSums<S, V>(float* weights, int count, T* values, int firstLane, int endLane, int stride, float* sums) where S : struct, ISimd<V> where V : unmanaged
    {
        for (int d = 0; d < stride; d += 2 * S.Count)
        {
            if (count == Rows) Sums4<S, V>(weights, values + d, firstLane, endLane, stride, sums + d);
            else for (int i = 0; i < count; i++) Sums1<S, V>(weights + (i * KvCacheShape.PageLength), values + d, firstLane, endLane, stride, sums + d + ((long)i * stride));
        }
    }

    /// <summary>The keys and values of the lanes around [firstLane, endLane) as binary32, at their places in a block.</summary>
    public static void Widen<S, V>(T* block, int firstLane, int endLane, int headDim, int stride, float* wide) where S : struct, ISimd<V> where V : unmanaged
    {
        firstLane &= -ChunkSoftmax.LaneBlock;
        endLane = (endLane + ChunkSoftmax.LaneBlock - 1) & -ChunkSoftmax.LaneBlock;
        long values = (long)KvCacheShape.PageLength * headDim;
        for (long i = (long)firstLane * headDim; i < (long)endLane * headDim; i += S.Count) S.Store(E.Load<S, V>(block + i), wide + i);
        for (long i = values + ((long)firstLane * stride); i < values + ((long)endLane * stride); i += S.Count) S.Store(E.Load<S, V>(block + i), wide + i);
    }

    private static T* KeysOf(T* keys, int lane, int headDim) =>
        keys + (lane / CpuKvCache.KeyGroup * CpuKvCache.KeyGroup * headDim) + (lane % CpuKvCache.KeyGroup);

    private static void Scores4<S, V>(float* q0, float* q1, float* q2, float* q3, T* k0, T* k1, int headDim, float* scores) where S : struct, ISimd<V> where V : unmanaged
    {
        float* s0 = scores, s1 = s0 + KvCacheShape.PageLength, s2 = s1 + KvCacheShape.PageLength, s3 = s2 + KvCacheShape.PageLength;
        for (int start = 0; start < headDim; start += Reductions.Chunk)
        {
            V zero = S.Broadcast(0f), a00 = zero, a01 = zero, a10 = zero, a11 = zero, a20 = zero, a21 = zero, a30 = zero, a31 = zero;
            int end = Math.Min(start + Reductions.Chunk, headDim);
            for (int d = start; d < end; d++)
            {
                V x0 = E.Load<S, V>(k0 + (d * CpuKvCache.KeyGroup)), x1 = E.Load<S, V>(k1 + (d * CpuKvCache.KeyGroup)), b = S.Broadcast(q0[d]);
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
            AddTotal<S, V>(s0, a00, a01, first);
            AddTotal<S, V>(s1, a10, a11, first);
            AddTotal<S, V>(s2, a20, a21, first);
            AddTotal<S, V>(s3, a30, a31, first);
        }
    }

    private static void Scores1<S, V>(float* q, T* k0, T* k1, int headDim, float* scores) where S : struct, ISimd<V> where V : unmanaged
    {
        for (int start = 0; start < headDim; start += Reductions.Chunk)
        {
            V a0 = S.Broadcast(0f), a1 = a0;
            int end = Math.Min(start + Reductions.Chunk, headDim);
            for (int d = start; d < end; d++)
            {
                V b = S.Broadcast(q[d]);
                a0 = S.Fma(b, E.Load<S, V>(k0 + (d * CpuKvCache.KeyGroup)), a0);
                a1 = S.Fma(b, E.Load<S, V>(k1 + (d * CpuKvCache.KeyGroup)), a1);
            }
            AddTotal<S, V>(scores, a0, a1, start == 0);
        }
    }

    /// <summary>total = add(total, acc), from +0.</summary>
    private static void AddTotal<S, V>(float* scores, V acc0, V acc1, bool first) where S : struct, ISimd<V> where V : unmanaged
    {
        V zero = S.Broadcast(0f);
        S.Store(S.Add(first ? zero : S.Load(scores), acc0), scores);
        S.Store(S.Add(first ? zero : S.Load(scores + S.Count), acc1), scores + S.Count);
    }

    private static void Sums4<S, V>(float* weights, T* values, int firstLane, int endLane, int stride, float* sums) where S : struct, ISimd<V> where V : unmanaged
    {
        float* p0 = weights, p1 = p0 + KvCacheShape.PageLength, p2 = p1 + KvCacheShape.PageLength, p3 = p2 + KvCacheShape.PageLength;
        V zero = S.Broadcast(0f), a00 = zero, a01 = zero, a10 = zero, a11 = zero, a20 = zero, a21 = zero, a30 = zero, a31 = zero;
        T* v = values + ((long)firstLane * stride);
        for (int lane = firstLane; lane < endLane; lane++, v += stride)
        {
            V x0 = E.Load<S, V>(v), x1 = E.Load<S, V>(v + S.Count), b = S.Broadcast(p0[lane]);
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
        AddTotal<S, V>(sums, a00, a01, first: true);
        AddTotal<S, V>(sums + stride, a10, a11, first: true);
        AddTotal<S, V>(sums + (2 * stride), a20, a21, first: true);
        AddTotal<S, V>(sums + (3 * stride), a30, a31, first: true);
    }

    private static void Sums1<S, V>(float* weights, T* values, int firstLane, int endLane, int stride, float* sums) where S : struct, ISimd<V> where V : unmanaged
    {
        V a0 = S.Broadcast(0f), a1 = a0;
        T* v = values + ((long)firstLane * stride);
        for (int lane = firstLane; lane < endLane; lane++, v += stride)
        {
            V b = S.Broadcast(weights[lane]);
            a0 = S.Fma(b, E.Load<S, V>(v), a0);
            a1 = S.Fma(b, E.Load<S, V>(v + S.Count), a1);
        }
        AddTotal<S, V>(sums, a0, a1, first: true);
    }
}
