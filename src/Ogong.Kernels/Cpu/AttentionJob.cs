using Ogong.Compute;

namespace Ogong.Kernels.Cpu;

/// <summary>
/// Tasks of an attention step: a kv head and tile with all chunks (the tiles of one head one after the other, while its keys and values are
/// in a near cache), or, where the step has room for parts, a single chunk of them.
/// </summary>
internal readonly unsafe struct AttentionJob<E, T>(AttentionStep step, int items, int perTask) : IVectorJob
    where E : struct, IElementFormat<T> where T : unmanaged
{
    public void Execute<S, V>(int task) where S : struct, ISimd<V> where V : unmanaged
    {
        var scratch = (float*)step.Slots.Claim(out int slot);
        for (int item = task * perTask; item < Math.Min((task + 1) * perTask, items); item++)
            if (step.Parts is null) AttendAll<S, V>(step.Tiles[item % step.TileCount], item / step.TileCount, scratch);
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
        int local = item - step.Tiles[tile].FirstItem, chunk = step.Tiles[tile].FirstChunk + (local / step.KvHeads),
            kvHead = local % step.KvHeads;
        AttendChunk<S, V>(step.Tiles[tile], kvHead, chunk, step.PartOf(step.Tiles[tile], chunk, kvHead), scratch);
    }

    /// <summary>m_c, z_c and o_c of every query of a tile for one chunk.</summary>
    private void AttendChunk<S, V>(in AttentionTile tile, int kvHead, int chunk, float* part, float* scratch)
        where S : struct, ISimd<V> where V : unmanaged
    {
        int* first = stackalloc int[AttentionTile.MaxQueries], end = stackalloc int[AttentionTile.MaxQueries];
        step.VisibleLanes(tile, chunk, first, end);
        // Positions ascend, so the queries that see a key of the chunk are neighbours.
        var states = ((float Maximum, float Normalizer)*)step.StatesOf(tile, part);
        int from = 0, to = tile.Queries;
        while (from < to && end[from] <= first[from]) states[from++] = default;
        while (to > from && end[to - 1] <= first[to - 1]) states[--to] = default;
        if (from == to) return;

        T* block = step.BlockOf<T>(tile, chunk, kvHead);
        var queries = new VisibleQueries(from, to, first, end);
        float* scores = scratch, wide = scratch + (AttentionTile.MaxQueries * KvCacheShape.PageLength);
        if (to - from <= AttentionKernel<E, T>.Rows)
        {
            AttendQueries<E, T, S, V>(tile, kvHead, queries, block, scores, part);
        }
        else if (typeof(T) == typeof(float))
        {
            AttendQueries<Resident<E, T>, T, S, V>(tile, kvHead, queries, block, scores, part);
        }
        else
        {
            AttentionKernel<E, T>.Widen<S, V>(block, first[from], end[to - 1], step.HeadDim, step.Stride, wide);
            AttendQueries<Resident<F32Format, float>, float, S, V>(tile, kvHead, queries, wide, scores, part);
        }
    }

    private void AttendQueries<E2, T2, S, V>(in AttentionTile tile, int kvHead, VisibleQueries queries, T2* block, float* scores,
        float* part)
        where E2 : struct, IElementFormat<T2> where T2 : unmanaged where S : struct, ISimd<V> where V : unmanaged
    {
        const int rows = AttentionKernel<E2, T2>.Rows;
        int from = queries.From, to = queries.To;
        int* first = queries.First, end = queries.End;
        float scale = 1f / MathF.Sqrt(step.HeadDim);
        float** q = stackalloc float*[AttentionTile.MaxQueries];
        step.QueriesOf(tile, kvHead, q);
        AttentionKernel<E2, T2>.Scores<S, V>(q + from, to - from, block, first[from], end[to - 1], step.HeadDim, scores);
        var states = ((float Maximum, float Normalizer)*)step.StatesOf(tile, part);
        for (int i = from; i < to; i++)
            states[i] = ChunkSoftmax.Weigh<S, V>(scores + ((i - from) * KvCacheShape.PageLength), first[i], end[i], scale);
        T2* values = block + ((long)KvCacheShape.PageLength * step.HeadDim);
        for (int i = from; i < to; i += rows)
        {
            int count = Math.Min(rows, to - i);
            AttentionKernel<E2, T2>.WeightedSums<S, V>(
                scores + ((i - from) * KvCacheShape.PageLength), count, values, first[i], end[i + count - 1], step.Stride,
                part + ((long)i * step.Stride));
        }
    }

    /// <summary>The queries [From, To) of a tile, each of which sees the lanes [First[i], End[i]) of a chunk.</summary>
    private readonly struct VisibleQueries(int from, int to, int* first, int* end)
    {
        public readonly int From = from, To = to;
        public readonly int* First = first, End = end;
    }
}

/// <summary>After the chunks were computed one by one: merges the parts of a tile and kv head in ascending order.</summary>
internal readonly unsafe struct AttentionMergeJob(AttentionStep step) : IVectorJob
{
    public void Execute<S, V>(int task) where S : struct, ISimd<V> where V : unmanaged
    {
        AttentionTile tile = step.Tiles[task % step.TileCount];
        int kvHead = task / step.TileCount;
        var running = (float*)step.Slots.Claim(out int slot);
        AttentionParts.Clear(step, tile, running);
        for (int chunk = tile.FirstChunk; chunk < tile.FirstChunk + tile.Chunks; chunk++)
            AttentionParts.Merge<S, V>(step, tile, step.PartOf(tile, chunk, kvHead), running);
        AttentionParts.Finish<S, V>(step, tile, kvHead, running);
        step.Slots.Release(slot);
    }
}
