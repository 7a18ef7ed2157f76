using Ogong.Compute;

namespace Ogong.Kernels.Cpu;

internal sealed partial class CpuQueue
{
    protected override void EmbedCore(Weight table, DeviceBuffer tokens, DeviceBuffer y, int rows) =>
        throw new NotSupportedException();
}
