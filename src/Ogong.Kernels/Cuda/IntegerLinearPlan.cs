using Ogong.Compute;
using Ogong.Native.Cuda;

namespace Ogong.Kernels.Cuda;

/// <summary>What tensor cores multiply in Linear on integer weights, as integer_operands.cuh numbers them. The bits are the same.</summary>
internal enum IntegerOperands
{
    /// <summary>Signed bytes, summed in 32-bit integers.</summary>
    Bytes = 0,

    /// <summary>The same integers as binary16, summed in binary32.</summary>
    Halves = 1,
}

/// <summary>How integer_prefill.cu is compiled and launched. No choice changes a bit of the result.</summary>
/// <param name="TileRows">Rows of a block's tile of y.</param>
/// <param name="TileColumns">Its columns.</param>
/// <param name="Stages">Stages of 128 columns in flight, the one being used included.</param>
/// <param name="SharedBytes">Per block.</param>
/// <param name="Grid">Tiles across and down.</param>
internal readonly record struct IntegerPrefillPlan(int TileRows, int TileColumns, int Stages, int SharedBytes, Grid Grid)
{
    public const int Threads = 256;

    /// <param name="rows">Rows of x.</param>
    /// <param name="outputs">Rows of the weight.</param>
    /// <param name="type">Type of the weight.</param>
    /// <param name="sharedLimit">Shared memory a block may have.</param>
    /// <param name="multiprocessors">Of the device.</param>
    public static IntegerPrefillPlan For(int rows, int outputs, ElementType type, int sharedLimit, int multiprocessors)
    {
        // Smaller tiles read more from shared memory per product: 1.4 and 2.7 times as much. Few rows are bound by the weights' way from memory, of which more stages keep
        // as much in flight as large tiles do.
        ReadOnlySpan<(IntegerPrefillPlan Plan, double Cost)> tiles =
        [
            (Tile(128, 128, 4, rows, outputs, type, sharedLimit), 1),
            (Tile(64, 128, 4, rows, outputs, type, sharedLimit), 1.4),
            (Tile(32, 64, 8, rows, outputs, type, sharedLimit), 2.7),
        ];
        (IntegerPrefillPlan best, double least) = (default, double.MaxValue);
        foreach ((IntegerPrefillPlan plan, double cost) in tiles)
        {
            double work = cost * plan.Work(multiprocessors);
            if (work < least) (best, least) = (plan, work);
        }
        return best;
    }

    /// <summary>
    /// Devices whose tensor cores multiply bytes no faster than 16-bit numbers take those. Of the compute capabilities from 8.0 on that is 10.3, whose byte units gave way to
    /// 4-bit ones; on the others bytes are twice as fast.
    /// </summary>
    public static IntegerOperands OperandsFor(ComputeCapability capability) => capability == new ComputeCapability(10, 3) ? IntegerOperands.Halves : IntegerOperands.Bytes;

    private static IntegerPrefillPlan Tile(int tileRows, int tileColumns, int mostStages, int rows, int outputs, ElementType type, int sharedLimit)
    {
        int stage = StageBytes(type, tileRows, tileColumns), scales = 2 * ScaleBytes(type, tileRows, tileColumns);
        int stages = Math.Clamp((sharedLimit - scales) / stage, 2, mostStages);
        return new IntegerPrefillPlan(
            tileRows, tileColumns, stages, (stages * stage) + scales, (Grid.Blocks(outputs, tileColumns), Grid.Blocks(rows, tileRows)));
    }

    // struct Stage: 128 columns of x in bytes, of the weights as they are stored
    private static int StageBytes(ElementType type, int tileRows, int tileColumns) => (128 * tileRows) + (tileColumns * type switch
    {
        ElementType.I8_256 or ElementType.Q8_0 => 128,
        ElementType.Q6_K => 64 + 32,
        _ => 64,
    });

    // struct Scales, in words
    private static int ScaleBytes(ElementType type, int tileRows, int tileColumns) => sizeof(int) * type switch
    {
        ElementType.I8_256 => tileColumns + tileRows,
        ElementType.Q6_K => (17 * tileColumns) + tileRows,
        ElementType.Q4_K => (12 * tileColumns) + (5 * tileRows),
        _ => (9 * tileColumns) + tileRows,
    };

    /// <summary>Outputs that a multiprocessor computes one after another, those that nobody needs included.</summary>
    private double Work(int multiprocessors) => (double)TileRows * TileColumns * Grid.Blocks((long)Grid.X * Grid.Y, multiprocessors);
}
