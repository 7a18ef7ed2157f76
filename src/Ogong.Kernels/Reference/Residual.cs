using Ogong.Compute;
using Ogong.Kernels.Host;

namespace Ogong.Kernels.Reference;

internal sealed unsafe partial class ReferenceQueue
{
    // x = add(x, y)
    protected override void ResidualCore(DeviceBuffer x, DeviceBuffer y, long count)
    {
        float* sum = HostBuffer.From(x).Floats, term = HostBuffer.From(y).Floats;
        for (long i = 0; i < count; i++) sum[i] += term[i];
        CheckFinite(x, 1, checked((int)count), Operation.Residual);
    }
}
