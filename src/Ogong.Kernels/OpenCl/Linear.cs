using Ogong.Compute;
using Ogong.Native.OpenCl;

namespace Ogong.Kernels.OpenCl;

internal sealed partial class OpenClQueue
{
    /// <summary>Rows of x that share a pass: the least of these that holds all rows, or the largest.</summary>
    private static ReadOnlySpan<int> RowTiles => [1, 2, 4, 8];

    protected override void LinearCore(DeviceBuffer x, Weight w, DeviceBuffer? bias, DeviceBuffer y, int rows, NumericMode mode)
    {
        int tile = RowTile(rows);
        OpenClWeight weight = OpenClWeight.From(w);
        if (w.Type.IsBlock())
        {
            IntegerLinear(Memory(x), weight, bias, y, rows, tile);
            return;
        }
        OpenClBuffer input = Memory(x);
        if (mode == NumericMode.Fast) input = RoundToBFloat16(input, (long)rows * w.Columns);
        Launch(
            Kernel("linear.cl", "linear", Shape.Group, w.Type, tile), ((rows + tile - 1) / tile, weight.Panels, 1), Shape.Group,
            input, weight.Memory, Optional(bias), Memory(y), _faultWords.Memory, NextFault(Operation.Linear, w.Rows, w), rows, w.Columns, w.Rows);
    }

    private int RowTile(int rows)
    {
        int tile = 1;
        foreach (int candidate in RowTiles)
        {
            if (candidate > Shape.LinearRows) break;
            tile = candidate;
            if (candidate >= rows) break;
        }
        return tile;
    }

    /// <summary>What the fast mode of the host backends does too.</summary>
    private OpenClBuffer RoundToBFloat16(OpenClBuffer x, long count)
    {
        OpenClBuffer rounded = Scratch(count * sizeof(float));
        LaunchItems(Kernel("round_bf16.cl", "round_bf16", DeviceShape.Elementwise), count, 1, 1, x, rounded, checked((uint)count));
        return rounded;
    }
}
