using Ogong.Compute;

namespace Ogong.Kernels.Cpu;

internal sealed partial class CpuQueue
{
    protected override void SampleMarginCore(DeviceBuffer logits, DeviceBuffer parameters, DeviceBuffer claimed, DeviceBuffer margins, int rows, int vocabulary) =>
        throw new NotSupportedException();
}
