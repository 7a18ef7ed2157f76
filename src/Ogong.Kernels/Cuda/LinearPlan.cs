using Ogong.Compute;

namespace Ogong.Kernels.Cuda;

/// <summary>How linear_decode.cu is compiled and launched for some rows: macros, threads, shared memory, blocks. No choice changes a bit of the result.</summary>
/// <param name="Rows">Rows of x that the variant is made for.</param>
/// <param name="Slots">Chunks of a round.</param>
/// <param name="Stages">Slices in flight per warp, the one being used included.</param>
/// <param name="Threads">Per block.</param>
/// <param name="SharedBytes">Per block.</param>
/// <param name="Blocks">Of the grid.</param>
internal readonly record struct DecodePlan(int Rows, int Slots, int Stages, int Threads, int SharedBytes, int Blocks)
{
    /// <summary>More rows than that are a product of matrices.</summary>
    public const int MostRows = 16;

    private const int Panel = 32, SliceBytes = 64;

    /// <param name="rows">Rows of x.</param>
    /// <param name="outputs">Rows of the weight.</param>
    /// <param name="type">Type of the weight.</param>
    /// <param name="sharedLimit">Shared memory a block may have; a multiprocessor has 1 KiB more.</param>
    /// <param name="multiprocessors">Of the device.</param>
    public static DecodePlan For(int rows, int outputs, ElementType type, int sharedLimit, int multiprocessors)
    {
        int variant = VariantFor(rows), stage = (Panel * SliceBytes) + (variant * ((SliceBytes / type.Size()) + 4) * sizeof(float));
        return Fit(variant, outputs, stage, variant * Panel * sizeof(float), 0, sharedLimit, multiprocessors);
    }

    /// <summary>Rows of x of the variant for so many; beyond <see cref="MostRows"/>, of the largest.</summary>
    public static int VariantFor(int rows) => rows == 1 ? 1 : rows <= 4 ? 4 : rows <= 8 ? 8 : MostRows;

    /// <summary>The most that a multiprocessor's shared memory has room for of a variant, or the least there is if it has room for none.</summary>
    /// <param name="variant">Rows of x.</param>
    /// <param name="outputs">Rows of the weight.</param>
    /// <param name="stage">Bytes of a chunk's slice of weights, and of x with it.</param>
    /// <param name="sums">Bytes that a chunk leaves for the round.</param>
    /// <param name="own">Bytes a block has besides.</param>
    /// <param name="sharedLimit">Shared memory a block may have; a multiprocessor has 1 KiB more.</param>
    /// <param name="multiprocessors">Of the device.</param>
    public static DecodePlan Fit(int variant, int outputs, int stage, int sums, int own, int sharedLimit, int multiprocessors)
    {
        int split = variant == 1 ? 1 : variant == 4 ? 2 : 4;
        (int slots, int stages) = (8, 2); // fits every device of compute capability 8.0 or later, but for K-quants with 16 rows
        foreach ((int moreSlots, int moreStages) in (ReadOnlySpan<(int, int)>)[(16, 3), (16, 2), (8, 3)])
        {
            if ((moreSlots * ((moreStages * stage) + sums)) + own > sharedLimit) continue;
            (slots, stages) = (moreSlots, moreStages);
            break;
        }
        int shared = (slots * ((stages * stage) + sums)) + own, resident = Math.Max((sharedLimit + 1024) / (shared + 1024), 1);
        return new DecodePlan(variant, slots, stages, 32 * slots / split, shared, Math.Min(Grid.Blocks(outputs, Panel), resident * multiprocessors));
    }
}

/// <summary>How linear_prefill.cu is compiled and launched. No choice changes a bit of the result.</summary>
/// <param name="TileRows">Rows of a block's tile of y.</param>
/// <param name="TileColumns">Its columns.</param>
/// <param name="SharedBytes">Per block.</param>
/// <param name="Grid">Tiles across and down.</param>
internal readonly record struct PrefillPlan(int TileRows, int TileColumns, int SharedBytes, Grid Grid)
{
    public const int Threads = 256;

    private const int Outputs = 64 * Threads, Chunk = 256;

    /// <param name="rows">Rows of x.</param>
    /// <param name="outputs">Rows of the weight.</param>
    /// <param name="columns">Columns of both.</param>
    /// <param name="sharedLimit">Shared memory a block may have.</param>
    /// <param name="multiprocessors">Of the device.</param>
    public static PrefillPlan For(int rows, int outputs, int columns, int sharedLimit, int multiprocessors)
    {
        PrefillPlan large = Tile(128, 128, rows, outputs), small = Tile(32, 64, rows, outputs);
        if (small.SharedBytes > sharedLimit) small = Tile(64, 64, rows, outputs);
        // Small tiles read x and w more often, and sums cross shared memory.
        return large.Work(columns, multiprocessors) <= 1.15 * small.Work(columns, multiprocessors) ? large : small;
    }

    private static PrefillPlan Tile(int tileRows, int tileColumns, int rows, int outputs)
    {
        int groups = Outputs / (tileRows * tileColumns), stage = 4 * ((4 * tileRows) + 8 + (4 * tileColumns) + 8);
        return new PrefillPlan(tileRows, tileColumns, 2 * groups * stage * sizeof(float), (Grid.Blocks(outputs, tileColumns), Grid.Blocks(rows, tileRows)));
    }

    /// <summary>Chunks of outputs that a multiprocessor computes one after another, those that nobody needs included.</summary>
    private double Work(int columns, int multiprocessors)
    {
        int groups = Outputs / (TileRows * TileColumns), rounds = Grid.Blocks(Grid.Blocks(columns, Chunk), groups);
        return (double)Grid.Blocks((long)Grid.X * Grid.Y, multiprocessors) * rounds;
    }
}
