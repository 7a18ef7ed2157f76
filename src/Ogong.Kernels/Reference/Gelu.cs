using Ogong.Compute;
using Ogong.Kernels.Host;
using Ogong.Numerics;

namespace Ogong.Kernels.Reference;

internal sealed unsafe partial class ReferenceQueue
{
    // u = mul(x, fma(mul(x, x), c1, c0)), y = div(x, add(1, exp(-u)))
    protected override void GeluCore(DeviceBuffer x, DeviceBuffer y, long count)
    {
        float* input = HostBuffer.From(x).Floats, output = HostBuffer.From(y).Floats;
        for (long i = 0; i < count; i++)
        {
            float u = input[i] * MathF.FusedMultiplyAdd(input[i] * input[i], ExactMath.Gelu1, ExactMath.Gelu0);
            output[i] = input[i] / (1f + ExactMath.Exp(-u));
        }
    }
}
