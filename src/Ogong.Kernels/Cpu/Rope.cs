using Ogong.Compute;

namespace Ogong.Kernels.Cpu;

internal sealed partial class CpuQueue
{
    protected override void RopeCore(DeviceBuffer x, DeviceBuffer table, BatchLayout batch, int rows, int heads, int headDim) =>
        throw new NotSupportedException();
}
