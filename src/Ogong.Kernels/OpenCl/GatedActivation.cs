using Ogong.Compute;

namespace Ogong.Kernels.OpenCl;

internal sealed partial class OpenClQueue
{
    protected override void GatedActivationCore(DeviceBuffer gate, DeviceBuffer up, DeviceBuffer y, long count) =>
        LaunchItems(
            Kernel("gated_activation.cl", "gated_activation", DeviceShape.Elementwise), (count + Shape.Lanes - 1) / Shape.Lanes, 1, 1,
            Memory(gate), Memory(up), Memory(y), checked((uint)count));
}
