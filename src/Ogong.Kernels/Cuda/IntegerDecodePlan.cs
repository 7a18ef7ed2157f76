using Ogong.Compute;
using Ogong.Numerics;

namespace Ogong.Kernels.Cuda;

/// <summary>How integer_decode.cu is compiled and launched. No choice changes a bit of the result.</summary>
/// <param name="Shape">As of linear_decode.cu. More rows of x than it has are integer_prefill.cu's.</param>
/// <param name="Fused">Whether each block quantises all of x itself.</param>
internal readonly record struct IntegerDecodePlan(DecodePlan Shape, bool Fused)
{
    /// <summary>
    /// Elements of x up to which a block quantises them itself: 64 KiB from the second-level cache take less than a launch of their own would.
    /// </summary>
    private const int MostFused = 16384;

    private const int MostFusedRows = 4, UnitBytes = 16;

    /// <param name="rows">Rows of x.</param>
    /// <param name="outputs">Rows of the weight.</param>
    /// <param name="columns">Columns of both.</param>
    /// <param name="type">A block type.</param>
    /// <param name="sharedLimit">Shared memory a block may have.</param>
    /// <param name="multiprocessors">Of the device.</param>
    public static IntegerDecodePlan For(int rows, int outputs, int columns, ElementType type, int sharedLimit, int multiprocessors)
    {
        DecodePlan shape = Variant(DecodePlan.VariantFor(rows), out bool fused);
        if (shape.SharedBytes > sharedLimit) shape = Variant(8, out fused); // K-quants on devices with 99 KiB
        return new IntegerDecodePlan(shape, fused);

        DecodePlan Variant(int variant, out bool fused)
        {
            fused = variant <= MostFusedRows && (long)variant * columns <= MostFused;
            int own = fused ? variant * Grid.Blocks(columns, Reductions.Chunk) * (Reductions.Chunk + UnitBytes + (type == ElementType.Q4_K ? UnitBytes : 0) + sizeof(float)) : 0;
            return DecodePlan.Fit(variant, outputs, StageBytes(variant, type, fused), RoundBytes(variant, type), own, sharedLimit, multiprocessors);
        }
    }

    // A chunk's share of the struct Stage, and of Round.
    private static int StageBytes(int variant, ElementType type, bool fused)
    {
        bool bytes = type is ElementType.I8_256 or ElementType.Q8_0;
        int weights = IntegerPanels.Rows * (type == ElementType.Q6_K ? 96 : 64);
        return weights + IntegerPanels.ScaleBytes(type) + (fused ? 0 : variant * ((bytes ? 64 : 128) + UnitBytes));
    }

    private static int RoundBytes(int variant, ElementType type)
    {
        int sums = variant * IntegerPanels.Rows * sizeof(float), d = type is ElementType.Q8_0 or ElementType.Q4_0 ? 0 : IntegerPanels.Rows * sizeof(float);
        return (type == ElementType.Q4_K ? 2 * sums : sums) + d + (variant * sizeof(float));
    }
}
