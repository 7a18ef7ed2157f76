using Ogong.Compute;
using Ogong.Kernels.Host;
using Ogong.Numerics;

namespace Ogong.Kernels.Reference;

internal sealed unsafe partial class ReferenceQueue
{
    // y = div(x, add(1, exp(-x)))
    protected override void SiluCore(DeviceBuffer x, DeviceBuffer y, long count)
    {
        float* input = HostBuffer.From(x).Floats, output = HostBuffer.From(y).Floats;
        for (long i = 0; i < count; i++) output[i] = input[i] / (1f + ExactMath.Exp(-input[i]));
    }
}
