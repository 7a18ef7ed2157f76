using Ogong.Compute;

namespace Ogong.Kernels.Cpu;

internal sealed partial class CpuQueue
{
    protected override void RmsNormCore(DeviceBuffer x, DeviceBuffer weight, float epsilon, DeviceBuffer y, int rows, int columns) =>
        throw new NotSupportedException();
}
