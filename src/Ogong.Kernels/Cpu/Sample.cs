using Ogong.Compute;

namespace Ogong.Kernels.Cpu;

internal sealed partial class CpuQueue
{
    protected override void SampleCore(DeviceBuffer logits, DeviceBuffer parameters, DeviceBuffer tokens, int rows, int vocabulary) =>
        throw new NotSupportedException();
}
