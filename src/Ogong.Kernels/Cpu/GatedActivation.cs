using Ogong.Compute;

namespace Ogong.Kernels.Cpu;

internal sealed partial class CpuQueue
{
    protected override void GatedActivationCore(DeviceBuffer gate, DeviceBuffer up, DeviceBuffer y, long count) =>
        throw new NotSupportedException();
}
