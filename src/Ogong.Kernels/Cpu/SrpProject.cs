using Ogong.Compute;

namespace Ogong.Kernels.Cpu;

internal sealed partial class CpuQueue
{
    protected override void SrpProjectCore(DeviceBuffer h, ulong bankSeed, DeviceBuffer y, int rows, int columns, int directions) =>
        throw new NotSupportedException();
}
