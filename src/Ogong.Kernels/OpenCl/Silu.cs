using Ogong.Compute;

namespace Ogong.Kernels.OpenCl;

internal sealed partial class OpenClQueue
{
    protected override void SiluCore(DeviceBuffer x, DeviceBuffer y, long count) =>
        LaunchItems(
            Kernel("silu.cl", "silu", DeviceShape.Elementwise), (count + Shape.Lanes - 1) / Shape.Lanes, 1, 1, Memory(x), Memory(y), checked((uint)count));
}
