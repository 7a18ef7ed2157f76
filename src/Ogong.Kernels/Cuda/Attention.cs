using Ogong.Compute;

namespace Ogong.Kernels.Cuda;

internal sealed partial class CudaQueue
{
    protected override void AttentionCore(KvCache cache, int layer, DeviceBuffer q, DeviceBuffer y, BatchLayout batch, int rows, int heads, int window, NumericMode mode) =>
        throw new NotSupportedException("The CUDA backend has no Attention yet.");
}
