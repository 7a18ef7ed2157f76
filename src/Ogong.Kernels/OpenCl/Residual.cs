using Ogong.Compute;

namespace Ogong.Kernels.OpenCl;

internal sealed partial class OpenClQueue
{
    protected override void ResidualCore(DeviceBuffer x, DeviceBuffer y, long count)
    {
        uint length = checked((uint)count);
        uint fault = NextFault(Operation.Residual, checked((int)count));
        LaunchItems(Kernel("residual.cl", "residual", DeviceShape.Elementwise), (count + Shape.Lanes - 1) / Shape.Lanes, 1, 1, Memory(x), Memory(y), _faultWords.Memory, fault, length);
    }
}
