using Ogong.Compute;

namespace Ogong.Kernels.OpenCl;

internal sealed partial class OpenClQueue
{
    protected override void LayerNormCore(DeviceBuffer x, DeviceBuffer? weight, DeviceBuffer? bias, float epsilon, DeviceBuffer y, int rows, int columns) =>
        Launch(
            Kernel("layer_norm.cl", "layer_norm", Shape.Group), (rows, 1, 1), Shape.Group,
            Memory(x), Optional(weight), Optional(bias), Memory(y), _faultWords.Memory, NextFault(Operation.LayerNorm, columns), epsilon, columns);
}
