using Ogong.Compute;

namespace Ogong.Kernels.Cpu;

/// <summary>Tasks of an attention step: a tile and kv head with all chunks, or, where the step has room for parts, a single chunk of them.</summary>
internal readonly unsafe struct AttentionJob<E, T>(AttentionStep step, int items, int perTask) : IVectorJob where E : struct, IElementFormat<T> where T : unmanaged
{
    public void Execute<S, V>(int task) where S : struct, ISimd<V> where V : unmanaged
    {
        var scratch = (float*)step.Slots.Claim(out int slot);
        for (int item = task * perTask; item < Math.Min((task + 1) * perTask, items); item++)
            if (step.Parts is null) AttendAll<S, V>(step.Tiles[item / step.KvHeads], item % step.KvHeads, scratch);
            else AttendOne<S, V>(item, scratch);
        step.Slots.Release(slot);
    }

    private void AttendAll<S, V>(in AttentionTile tile, int kvHead, float* scratch) where S : struct, ISimd<V> where V : unmanaged
    {
        long length = step.PartLength(tile.Queries);
        float* running = scratch, part = scratch + length;
        AttentionParts.Clear(step, tile, running);
        for (int chunk = tile.FirstChunk; chunk < tile.FirstChunk + tile.Chunks; chunk++)
        {
            AttendChunk<S, V>(tile, kvHead, chunk, part, part + length);
            AttentionParts.Merge<S, V>(step, tile, part, running);
        }
        AttentionParts.Finish<S, V>(step, tile, kvHead, running);
    }

    private void AttendOne<S, V>(int item, float* scratch) where S : struct, ISimd<V> where V : unmanaged
    {
        int tile = 0;
        while (tile + 1 < step.TileCount && step.Tiles[tile + 1].FirstItem <= item) tile++;
        int local = item - step.Tiles[tile].FirstItem, chunk = step.Tiles[tile].FirstChunk + (local / step.KvHeads), kvHead = local % step.KvHeads;
        AttendChunk<S, V>(step.Tiles[tile], kvHead, chunk, step.PartOf(step.Tiles[tile], chunk, kvHead), scratch);
    }

    /// <summary>m_c, z_c and o_c of every query of a tile for one chunk.</summary>
    private void AttendChunk<S, V>(in AttentionTile tile, int kvHead, int chunk, float* part, float* scratch) where S : struct, ISimd<V> where V : unmanaged
    {
        // Positions ascend, so the queries that see a key of the chunk are neighbours.
        var states = ((float Maximum, float Normalizer)*)step.StatesOf(tile, part);
        int from = 0, to = tile.Queries;
        while (from < to && IsBlind(tile, from, chunk)) states[from++] = default;
        while (to > from && IsBlind(tile, to - 1, chunk)) states[--to] = default;
        if (from == to) return;

        T* block = step.BlockOf<T>(tile, chunk, kvHead);
        int firstLane = Sees(tile, from, chunk).First, endLane = Sees(tile, to - 1, chunk).End;
        float* scores = scratch, wide = scratch + (AttentionTile.MaxQueries * KvCacheShape.PageLength);
        if (typeof(T) != typeof(float) && to - from > AttentionKernel<F32Format, float>.Rows)
        {
            AttentionKernel<E, T>.Widen<S, V>(block, firstLane, endLane, step.HeadDim, step.Stride, wide);
            AttendQueries<F32Format, float, S, V>(tile, kvHead, chunk, from, to, firstLane, endLane, wide, scores, part);
        }
        else
        {
            AttendQueries<E, T, S, V>(tile, kvHead, chunk, from, to, firstLane, endLane, block, scores, part);
        }
    }

    private void AttendQueries<E2, T2, S, V>(in AttentionTile tile, int kvHead, int chunk, int from, int to, int firstLane, int endLane, T2* block, float* scores, float* part)
        where E2 : struct, IElementFormat<T2> where T2 : unmanaged where S : struct, ISimd<V> where V : unmanaged
    {
        const int rows = AttentionKernel<E2, T2>.Rows;
        var states = ((float Maximum, float Normalizer)*)step.StatesOf(tile, part);
        float scale = 1f / MathF.Sqrt(step.HeadDim);
        float** queries = stackalloc float*[AttentionTile.MaxQueries];
        for (int i = from; i < to; i++) queries[i - from] = step.QueryOf(tile, kvHead, i);
        AttentionKernel<E2, T2>.Scores<S, V>(queries, to - from, block, firstLane, endLane, step.HeadDim, scores);
        for (int i = from; i < to; i++)
        {
            (int first, int end) = Sees(tile, i, chunk);
            states[i] = ChunkSoftmax.Weigh<S, V>(scores + ((i - from) * (long)KvCacheShape.PageLength), first, end, scale);
        }
        T2* values = block + ((long)KvCacheShape.PageLength * step.HeadDim);
        for (int i = from; i < to; i += rows)
        {
            int count = Math.Min(rows, to - i);
            AttentionKernel<E2, T2>.WeightedSums<S, V>(scores + ((i - from) * (long)KvCacheShape.PageLength), count, values,
                Sees(tile, i, chunk).First, Sees(tile, i + count - 1, chunk).End, step.Stride, part + ((long)i * step.Stride));
        }
    }

    private bool IsBlind(in AttentionTile tile, int query, int chunk)
    {
        (int first, int end) = Sees(tile, query, chunk);
        return end <= first;
    }

    private (int First, int End) Sees(in AttentionTile tile, int query, int chunk) => step.VisibleLanes(step.RowOf(tile, query), chunk);
}

/// <summary>After the chunks were computed one by one: merges the parts of a tile and kv head in ascending order.</summary>
internal readonly unsafe struct AttentionMergeJob(AttentionStep step) : IVectorJob
{
    public void Execute<S, V>(int task) where S : struct, ISimd<V> where V : unmanaged
    {
        AttentionTile tile = step.Tiles[task / step.KvHeads];
        int kvHead = task % step.KvHeads;
        var running = (float*)step.Slots.Claim(out int slot);
        AttentionParts.Clear(step, tile, running);
        for (int chunk = tile.FirstChunk; chunk < tile.FirstChunk + tile.Chunks; chunk++)
            AttentionParts.Merge<S, V>(step, tile, step.PartOf(tile, chunk, kvHead), running);
        AttentionParts.Finish<S, V>(step, tile, kvHead, running);
        step.Slots.Release(slot);
    }
}
