using Ogong.Compute;

namespace Ogong.Kernels.Cpu;

internal sealed partial class CpuQueue
{
    protected override void LinearCore(DeviceBuffer x, Weight w, DeviceBuffer? bias, DeviceBuffer y, int rows, NumericMode mode) =>
        throw new NotSupportedException();
}
