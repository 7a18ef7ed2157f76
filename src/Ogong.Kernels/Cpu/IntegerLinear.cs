using System.Runtime.Intrinsics.X86;
using Ogong.Compute;
using Ogong.Numerics;

namespace Ogong.Kernels.Cpu;

/// <summary>
/// Linear on integer weights (docs/exact-arithmetic.md, "Integer weights"), the same in both modes. Sums of integers are exact in any order,
/// and vector lanes are outputs, so no width, instruction, tile or thread count changes a bit.
/// </summary>
internal sealed unsafe partial class CpuQueue
{
    /// <summary>AVX-VNNI's 256 bits multiply four times what the 512 bits without it do in an instruction.</summary>
    private int IntegerBits => AvxVnni.IsSupported ? Math.Min(256, Backend.VectorBits) : Backend.VectorBits;

    private bool RunIntegerPass(float* x, CpuWeight w, float* bias, float* y, int rows) => w.Type switch
    {
        ElementType.I8_256 => RunIntegerPass<PanelI8_256>(x, w, bias, y, rows),
        ElementType.Q8_0 => RunIntegerPass<PanelQ8_0>(x, w, bias, y, rows),
        ElementType.Q4_0 => RunIntegerPass<PanelQ4_0>(x, w, bias, y, rows),
        ElementType.Q4_K => RunIntegerPass<PanelQ4K>(x, w, bias, y, rows),
        _ => RunIntegerPass<PanelQ6K>(x, w, bias, y, rows),
    };

    private bool RunIntegerPass<TPanel>(float* x, CpuWeight w, float* bias, float* y, int rows) where TPanel : IIntegerPanel
    {
        int bits = IntegerBits;
        var tiles = new RowTiles(rows, TileRows(bits));
        int* packed = (int*)_packed.Reserve((long)rows * QuantizeActivations.Chunks(w.Columns) * QuantizeActivations.MostWords * sizeof(int));
        var quantize = new QuantizeActivations
        {
            X = x,
            Packed = packed,
            Columns = w.Columns,
            Tiles = tiles,
            Offset = TPanel.Offset,
            FitsHalves = TPanel.FitsHalves,
            TaskChunks = Math.Max(1, Grain / (Reductions.Chunk * tiles.Start(1))),
        };
        Run(quantize.Tasks, quantize, bits);
        return RunTasks<IntegerTile<TPanel>>((float*)packed, w, bias, y, tiles, bits);
    }
}
