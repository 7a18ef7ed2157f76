using Ogong.Compute;

namespace Ogong.Kernels.Cpu;

internal sealed partial class CpuQueue
{
    protected override void GatherRowsCore(DeviceBuffer x, DeviceBuffer indices, DeviceBuffer y, int rows, int columns) =>
        throw new NotSupportedException();
}
