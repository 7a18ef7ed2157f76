using Ogong.Compute;

namespace Ogong.Kernels.OpenCl;

internal sealed partial class OpenClQueue
{
    protected override void GeluCore(DeviceBuffer x, DeviceBuffer y, long count) =>
        LaunchItems(
            Kernel("gelu.cl", "gelu", DeviceShape.Elementwise), (count + Shape.Lanes - 1) / Shape.Lanes, 1, 1, Memory(x), Memory(y), checked((uint)count));
}
