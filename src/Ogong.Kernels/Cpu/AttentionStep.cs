using Ogong.Compute;
using Ogong.Numerics;

namespace Ogong.Kernels.Cpu;

/// <summary>
/// Consecutive queries of one run of rows of one sequence that share keys and values. Query i of a run is row i / Group, head i mod Group
/// of a kv head's group;
/// positions ascend along a tile.
/// </summary>
internal struct AttentionTile
{
    /// <summary>Queries whose scores against one chunk stay in a near cache: 32 KiB.</summary>
    public const int MaxQueries = 32;

    /// <summary>First row of the run.</summary>
    public int Row;

    public int Sequence, FirstQuery, Queries, FirstChunk, Chunks;

    /// <summary>Number of this tile's first (chunk, kv head) among all tiles', and where its first part lies.</summary>
    public int FirstItem;

    public long FirstPart;
}

/// <summary>
/// One attention operation: operands, tiles and scratch. A <em>part</em> is what one chunk (or all chunks so far) contributes to a tile:
/// sums o [Queries × Stride], then one (m, z) per query;
/// a chunk's z = 0 says that the query sees no key of it.
/// </summary>
internal unsafe struct AttentionStep
{
    public byte* Layer;
    public float* Q, Y, Parts;
    public int* Positions, PageTable;
    public bool* Finite;
    public AttentionTile* Tiles;
    public ScratchSlots Slots;
    public long BlockLength;
    public int Stride, HeadDim, KvHeads, Heads, Group, Window, MaxPages, TileCount;

    /// <summary>Floats of a thread's scratch: scores, two parts, and a block of keys and values widened.</summary>
    public readonly long SlotLength =>
        ((long)AttentionTile.MaxQueries * KvCacheShape.PageLength) + (2 * PartLength(AttentionTile.MaxQueries)) + BlockLength;

    /// <summary>Floats of a part, whole vectors.</summary>
    public readonly long PartLength(int queries) => ((queries * (Stride + 2L)) + 15) & ~15L;

    /// <summary>The (m, z) of a part.</summary>
    public readonly SoftmaxState* StatesOf(in AttentionTile tile, float* part) => (SoftmaxState*)(part + ((long)tile.Queries * Stride));

    /// <summary>Where the queries of a tile lie; the same offsets from <see cref="Y"/> are their outputs.</summary>
    public readonly void QueriesOf(in AttentionTile tile, int kvHead, float** queries)
    {
        long row = tile.Row + (tile.FirstQuery / Group);
        int head = tile.FirstQuery % Group;
        for (int i = 0; i < tile.Queries; i++)
        {
            queries[i] = Q + (((row * Heads) + ((long)kvHead * Group) + head) * HeadDim);
            if (++head == Group) (row, head) = (row + 1, 0);
        }
    }

    /// <summary>Where the part of one chunk of one tile lies.</summary>
    public readonly float* PartOf(in AttentionTile tile, int chunk, int kvHead) =>
        Parts + tile.FirstPart + ((((long)(chunk - tile.FirstChunk) * KvHeads) + kvHead) * PartLength(tile.Queries));

    /// <summary>The cache block of one chunk of a sequence, in elements of <typeparamref name="T"/>.</summary>
    public readonly T* BlockOf<T>(in AttentionTile tile, int chunk, int kvHead) where T : unmanaged =>
        (T*)Layer + ((((long)PageTable[((long)tile.Sequence * MaxPages) + chunk] * KvHeads) + kvHead) * BlockLength);

    /// <summary>Keys of a chunk that each query of a tile sees, as lanes [first, end); none if end ≤ first.</summary>
    public readonly void VisibleLanes(in AttentionTile tile, int chunk, int* first, int* end)
    {
        int row = tile.Row + (tile.FirstQuery / Group), head = tile.FirstQuery % Group;
        long start = (long)chunk * Reductions.Chunk;
        for (int i = 0; i < tile.Queries; i++)
        {
            first[i] = (int)Math.Clamp(Positions[row] - (long)Window + 1 - start, 0, Reductions.Chunk);
            end[i] = (int)Math.Clamp(Positions[row] + 1 - start, 0, Reductions.Chunk);
            if (++head == Group) (row, head) = (row + 1, 0);
        }
    }

    /// <summary>
    /// Fills <see cref="Tiles"/>. Returns the number of (tile, chunk, kv head), the floats of all their parts, and the multiply-adds of the
    /// whole step.
    /// </summary>
    public (int Items, long Parts, long Work) Cut(int* sequences, int rows)
    {
        int items = 0;
        long parts = 0, work = 0;
        TileCount = 0;
        for (int row = 0, end; row < rows; row = end)
        {
            for (end = row + 1; end < rows && sequences[end] == sequences[row] && Positions[end] >= Positions[end - 1];) end++;
            int queries = (end - row) * Group;
            for (int query = 0; query < queries; query += AttentionTile.MaxQueries)
            {
                int count = Math.Min(AttentionTile.MaxQueries, queries - query);
                int firstKey = (int)Math.Max(0, (long)Positions[row + (query / Group)] - Window + 1),
                    lastKey = Positions[row + ((query + count - 1) / Group)];
                int firstChunk = firstKey / Reductions.Chunk, chunks = (lastKey / Reductions.Chunk) - firstChunk + 1;
                Tiles[TileCount++] = new AttentionTile
                {
                    Row = row, Sequence = sequences[row], FirstQuery = query, Queries = count, FirstChunk = firstChunk, Chunks = chunks,
                    FirstItem = items, FirstPart = parts,
                };
                items = checked(items + (chunks * KvHeads));
                parts += chunks * KvHeads * PartLength(count);
                work += 2L * count * KvHeads * (lastKey - firstKey + 1) * HeadDim;
            }
        }
        return (items, parts, work);
    }
}
