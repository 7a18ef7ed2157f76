using Ogong.Compute;

namespace Ogong.Kernels.Cpu;

internal sealed partial class CpuQueue
{
    protected override void AppendKvCore(KvCache cache, int layer, DeviceBuffer k, DeviceBuffer v, BatchLayout batch, int rows) =>
        throw new NotSupportedException();
}
