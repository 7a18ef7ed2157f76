using Ogong.Compute;

namespace Ogong.Kernels.Cpu;

internal sealed partial class CpuQueue
{
    protected override void AttentionCore(KvCache cache, int layer, DeviceBuffer q, DeviceBuffer y, BatchLayout batch, int rows, int heads, int window) =>
        throw new NotSupportedException();
}
