using System.Runtime.CompilerServices;
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
        float* packed = Packed + ((nint)start * Columns);
        for (int r = 0; r < rows; r++)
        {
            float* row = X + ((nint)(start + r) * Columns);
            float* to = packed + ((nint)begin * rows) + r;
            if (Mode == NumericMode.Exact)
                for (int k = begin; k < end; k++, to += rows) *to = row[k];
            else
                for (int k = begin; k < end; k++, to += rows) *to = BFloat16Format.Widen(BFloat16Format.Round(row[k]));
        }
    }
}
