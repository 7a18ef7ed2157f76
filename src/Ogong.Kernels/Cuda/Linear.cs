using Ogong.Compute;

namespace Ogong.Kernels.Cuda;

internal sealed partial class CudaQueue
{
    protected override void LinearCore(DeviceBuffer x, Weight w, DeviceBuffer? bias, DeviceBuffer y, int rows, NumericMode mode) =>
        throw new NotSupportedException("The CUDA backend has no Linear yet.");
}
