using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Ogong.Numerics;

namespace Ogong.Kernels.Cpu;

/// <summary>
/// Quantises rows of activations in chunks of 256 (<see cref="ChunkQuantization"/> in vectors) and lays each tile's rows out as the inner loop
/// reads them. Chunk c of a tile of R rows from row r on stands at word <c>Words·(chunks·r + c·R)</c>:
/// <code>
/// dx [R]                  binary32
/// s [R], [8][R], [16][R]  int32, −offset·Σx of the chunk, of each 32 and of each 16 columns: what the weights' offset adds too much;
///                         summed in halves, int16 of columns 0 and 1 and of columns 2 and 3 of all fours
/// x  [64·4/parts][R]      four columns in the bytes of a word; widened to the halves of two, columns 0 and 2 in one, then 1 and 3
/// </code>
/// Columns past the last are zeros.
/// </summary>
internal unsafe struct QuantizeActivations : IVectorJob
{
    /// <summary>Words of a row before its integers.</summary>
    public const int HeaderWords = 26;

    /// <summary>Words of a row before the sum of the chunk, of 32 columns each, and of 16 columns each.</summary>
    public const int ChunkSum = 1, Sums32 = 2, Sums16 = 10;

    /// <summary>Words of a chunk of a row where integers are widened.</summary>
    public const int MostWords = HeaderWords + (2 * Groups);

    private const int Groups = Reductions.Chunk / 4;
    private const int Half = 16;

    public float* X;
    public int* Packed;
    public int Columns;
    public RowTiles Tiles;

    /// <summary>What was added to the weights to make them unsigned.</summary>
    public int Offset;

    /// <summary><see cref="IIntegerPanel.FitsHalves"/> of the weights.</summary>
    public bool FitsHalves;

    /// <summary>Chunks per task.</summary>
    public int TaskChunks;

    public readonly int Tasks => Tiles.Count * TasksPerTile;

    private readonly int TasksPerTile => (Chunks(Columns) + TaskChunks - 1) / TaskChunks;

    /// <summary>Chunks of a row.</summary>
    public static int Chunks(int columns) => (columns + Reductions.Chunk - 1) / Reductions.Chunk;

    /// <summary>Words of a chunk of a row.</summary>
    public static int Words<S, V>(bool fitsHalves) where S : struct, ISimd<V> where V : unmanaged => HeaderWords + (fitsHalves ? Groups : Groups * 4 / S.DotParts);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Execute<S, V>(int task) where S : struct, ISimd<V> where V : unmanaged
    {
        int tile = task / TasksPerTile, first = task % TasksPerTile * TaskChunks, end = Math.Min(first + TaskChunks, Chunks(Columns));
        int start = Tiles.Start(tile), rows = Tiles.Start(tile + 1) - start;
        float* values = stackalloc float[Reductions.Chunk];
        int* q = stackalloc int[Reductions.Chunk];
        for (int chunk = first; chunk < end; chunk++)
        {
            int* to = Packed + (Words<S, V>(FitsHalves) * (((nint)start * Chunks(Columns)) + ((nint)chunk * rows)));
            int begin = chunk * Reductions.Chunk, count = Math.Min(Reductions.Chunk, Columns - begin);
            for (int row = 0; row < rows; row++)
            {
                float* x = X + ((nint)(start + row) * Columns) + begin;
                if (count < Reductions.Chunk)
                {
                    new Span<float>(values, Reductions.Chunk).Clear();
                    new ReadOnlySpan<float>(x, count).CopyTo(new Span<float>(values, Reductions.Chunk));
                    x = values;
                }
                *(float*)(to + row) = Quantize<S, V>(x, q);
                Pack<S, V>(q, to + row, rows);
            }
        }
    }

    /// <summary>Integers of a whole chunk; returns its scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Quantize<S, V>(float* x, int* q) where S : struct, ISimd<V> where V : unmanaged
    {
        V most = default, doubt = default, magnitude = S.IntBroadcast(0x7FFF_FFFF);
        for (int k = 0; k < Reductions.Chunk; k += S.Count)
        {
            V value = S.Load(x + k);
            most = S.Max(most, S.And(value, magnitude));
            doubt = S.Fma(value, default, doubt); // NaN for what is not finite
        }
        float largest = S.LargestLane(most), d = largest / 127;
        bool finite = !float.IsNaN(S.TreeSum(doubt));
        if (!finite || largest < ChunkQuantization.Smallest)
        {
            new Span<int>(q, Reductions.Chunk).Clear();
            return finite ? 0 : float.NaN;
        }
        V inverse = S.Broadcast(1 / d), shift = S.Broadcast(ExactMath.RoundingShift);
        for (int k = 0; k < Reductions.Chunk; k += S.Count)
            S.Store(S.IntSub(S.Add(S.Mul(S.Load(x + k), inverse), shift), shift), (float*)q + k);
        return d;
    }

    /// <summary>Sums and integers to every <paramref name="rows"/>th word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Pack<S, V>(int* q, int* to, int rows) where S : struct, ISimd<V> where V : unmanaged
    {
        int* sums = to + (Sums16 * (nint)rows), wide = to + (Sums32 * (nint)rows), x = to + (HeaderWords * (nint)rows);
        bool inHalves = FitsHalves && Offset > 0 && S.DotParts == 2;
        int total = 0, before = 0, beforeEnd = 0;
        for (int block = 0; block < Reductions.Chunk / Half; block++, sums += rows)
        {
            Vector128<int> fours = default;
            for (int* stop = q + Half; q != stop; q += 4, x += rows)
            {
                Vector128<int> four = Vector128.Load(q);
                fours += four;
                if (FitsHalves || S.DotParts == 4)
                {
                    *x = Vector128.Narrow(Vector128.Narrow(four, four), default).AsInt32().ToScalar();
                    continue;
                }
                Vector128<int> pairs = (four & Vector128.Create(0xFFFF)) | (Vector128.Shuffle(four, Vector128.Create(2, 3, 2, 3)) << 16);
                *x = pairs.ToScalar();
                *(x += rows) = pairs.GetElement(1);
            }
            int begin = fours.GetElement(0) + fours.GetElement(1), end = fours.GetElement(2) + fours.GetElement(3);
            *sums = Sum(begin, end, inHalves);
            total += begin + end;
            if (block % 2 == 0)
            {
                (before, beforeEnd) = (begin, end);
                continue;
            }
            *wide = Sum(before + begin, beforeEnd + end, inHalves);
            wide += rows;
        }
        to[ChunkSum * (nint)rows] = -Offset * total;
    }

    private readonly int Sum(int begin, int end, bool inHalves) => inHalves ? (ushort)(-Offset * begin) | ((-Offset * end) << 16) : -Offset * (begin + end);
}
