using Ogong.Compute;

namespace Ogong.Kernels.OpenCl;

internal sealed partial class OpenClQueue
{
    protected override void RopeCore(DeviceBuffer x, DeviceBuffer table, BatchLayout batch, int rows, int heads, int headDim) =>
        LaunchItems(Kernel("rope.cl", "rope", DeviceShape.Elementwise), headDim / 2, heads, rows, Memory(x), Memory(table), Memory(batch.Positions), rows, heads, headDim);
}
