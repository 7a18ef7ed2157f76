using Ogong.Compute;

namespace Ogong.Kernels.OpenCl;

internal sealed partial class OpenClQueue
{
    protected override void RmsNormCore(DeviceBuffer x, DeviceBuffer weight, float epsilon, DeviceBuffer y, int rows, int columns) =>
        Launch(
            Kernel("rms_norm.cl", "rms_norm", Shape.Group), (rows, 1, 1), Shape.Group,
            Memory(x), Memory(weight), Memory(y), _faultWords.Memory, NextFault(Operation.RmsNorm, columns), epsilon, columns);
}
