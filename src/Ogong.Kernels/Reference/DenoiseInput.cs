using Ogong.Compute;

namespace Ogong.Kernels.Reference;

internal sealed partial class ReferenceQueue
{
    // y[b, s] = mul(InputScale, x[s])
    protected override void DenoiseInputCore(DeviceBuffer x, DeviceBuffer parameters, DeviceBuffer y, int samples, int count, int branches)
    {
        for (int row = 0; row < branches * samples; row++)
        {
            float scale = Row<DenoiseRow>(parameters, row % samples, 1)[0].InputScale;
            Span<float> latent = Row<float>(x, row % samples, count), input = Row<float>(y, row, count);
            for (int i = 0; i < count; i++) input[i] = scale * latent[i];
        }
    }
}
