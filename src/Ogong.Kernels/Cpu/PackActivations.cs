using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Ogong.Compute;
using Ogong.Numerics;

namespace Ogong.Kernels.Cpu;

/// <summary>How the rows of a linear layer's input fall into register tiles: as few as fit, their sizes differing by at most one.</summary>
internal readonly struct RowTiles(int rows, int largest)
{
    public int Rows { get; } = rows;

    public int Count { get; } = (rows + largest - 1) / largest;

    /// <summary>First row of tile <paramref name="tile"/>; the number of rows for the tile past the last.</summary>
    public int Start(int tile) => (tile * (Rows / Count)) + Math.Min(tile, Rows % Count);
}

/// <summary>
/// Transposes each tile's rows to columns × tile rows, so that the inner loop reads one stream. A tile starting at row r starts at element r·columns.
/// In fast mode rounds to bfloat16 on the way.
/// </summary>
internal unsafe struct PackActivations : IParallelJob
{
    private const int Block = 1024;

    public float* X;
    public float* Packed;
    public int Columns;
    public RowTiles Tiles;
    public NumericMode Mode;

    public readonly int Tasks => Tiles.Count * Blocks;

    private readonly int Blocks => (Columns + Block - 1) / Block;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Execute(int task)
    {
        int tile = task / Blocks, begin = task % Blocks * Block, end = Math.Min(begin + Block, Columns);
        int start = Tiles.Start(tile), rows = Tiles.Start(tile + 1) - start;
        float* x = X + ((nint)start * Columns);
        float* packed = Packed + ((nint)start * Columns);
        int r = 0;
        if (Sse.IsSupported)
            for (; r + 4 <= rows; r += 4) TransposeFour(x + ((nint)r * Columns), packed + r, rows, begin, end);
        for (; r < rows; r++)
            for (int k = begin; k < end; k++) packed[((nint)k * rows) + r] = x[((nint)r * Columns) + k];

        if (Mode == NumericMode.Fast)
            for (float* v = packed + ((nint)begin * rows); v < packed + ((nint)end * rows); v++) *v = BFloat16Format.Widen(BFloat16Format.Round(*v));
    }

    /// <summary>Columns [begin, end) of four rows: 4 × 4 transpositions, then what is left one by one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void TransposeFour(float* x, float* packed, int rows, int begin, int end)
    {
        float* x1 = x + Columns, x2 = x1 + Columns, x3 = x2 + Columns;
        float* to = packed + ((nint)begin * rows);
        int k = begin;
        for (; k + 4 <= end; k += 4)
        {
            Vector128<float> a = Vector128.Load(x + k), b = Vector128.Load(x1 + k), c = Vector128.Load(x2 + k), d = Vector128.Load(x3 + k);
            Vector128<float> ab = Sse.UnpackLow(a, b), cd = Sse.UnpackLow(c, d);
            Sse.MoveLowToHigh(ab, cd).Store(to);
            Sse.MoveHighToLow(cd, ab).Store(to += rows);
            ab = Sse.UnpackHigh(a, b);
            cd = Sse.UnpackHigh(c, d);
            Sse.MoveLowToHigh(ab, cd).Store(to += rows);
            Sse.MoveHighToLow(cd, ab).Store(to += rows);
            to += rows;
        }
        for (; k < end; k++, to += rows)
        {
            to[0] = x[k];
            to[1] = x1[k];
            to[2] = x2[k];
            to[3] = x3[k];
        }
    }
}
