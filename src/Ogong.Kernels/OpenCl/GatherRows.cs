using Ogong.Compute;

namespace Ogong.Kernels.OpenCl;

internal sealed partial class OpenClQueue
{
    protected override void GatherRowsCore(DeviceBuffer x, DeviceBuffer indices, DeviceBuffer y, int rows, int columns) =>
        LaunchItems(Kernel("gather_rows.cl", "gather_rows", DeviceShape.Elementwise), columns, rows, 1, Memory(x), Memory(indices), Memory(y), rows, columns);
}
