using Ogong.Compute;

namespace Ogong.Kernels.Cpu;

internal sealed partial class CpuQueue
{
    protected override void ResidualCore(DeviceBuffer x, DeviceBuffer y, long count) =>
        throw new NotSupportedException();
}
