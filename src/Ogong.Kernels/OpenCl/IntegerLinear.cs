using Ogong.Compute;
using Ogong.Native.OpenCl;
using Ogong.Numerics;

namespace Ogong.Kernels.OpenCl;

/// <summary>Linear on integer weights (docs/exact-arithmetic.md, "Integer weights"), the same in both modes.</summary>
internal sealed partial class OpenClQueue
{
    /// <summary>Words of a chunk of a quantised row: native/opencl/quantized_rows.clh.</summary>
    private const int QuantizedWords = 9 + Reductions.Chunk;

    private void IntegerLinear(OpenClBuffer x, OpenClWeight w, DeviceBuffer? bias, DeviceBuffer y, int rows, int tile)
    {
        int tiles = (rows + tile - 1) / tile, chunks = (w.Columns + Reductions.Chunk - 1) / Reductions.Chunk;
        OpenClBuffer quantized = Scratch((long)tiles * tile * chunks * QuantizedWords * sizeof(float));
        Launch(Kernel("quantize_rows.cl", "quantize_rows", Shape.Group), (chunks, tiles * tile, 1), Shape.Group, x, quantized, rows, w.Columns, tile);
        Launch(
            Kernel("integer_linear.cl", "integer_linear", Shape.Group, w.Type, tile), (tiles, w.Panels, 1), Shape.Group,
            quantized, w.Memory, Optional(bias), Memory(y), _faultWords.Memory, NextFault(Operation.Linear, w.Rows, w), rows, w.Columns, w.Rows);
    }
}
