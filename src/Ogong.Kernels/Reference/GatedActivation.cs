using Ogong.Compute;
using Ogong.Kernels.Host;
using Ogong.Numerics;

namespace Ogong.Kernels.Reference;

internal sealed unsafe partial class ReferenceQueue
{
    // y = mul(div(gate, add(1, exp(-gate))), up)
    protected override void GatedActivationCore(DeviceBuffer gate, DeviceBuffer up, DeviceBuffer y, long count)
    {
        float* g = HostBuffer.From(gate).Floats, u = HostBuffer.From(up).Floats, output = HostBuffer.From(y).Floats;
        for (long i = 0; i < count; i++) output[i] = g[i] / (1f + ExactMath.Exp(-g[i])) * u[i];
    }
}
