using Ogong.Compute;

namespace Ogong.Kernels.Reference;

internal sealed partial class ReferenceQueue
{
    protected override void DenoiseStepCore(DeviceBuffer x, DeviceBuffer output, DeviceBuffer? noise, DeviceBuffer parameters, DeviceBuffer y, int samples, int count, bool guided)
    {
        for (int sample = 0; sample < samples; sample++)
        {
            DenoiseRow p = Row<DenoiseRow>(parameters, sample, 1)[0];
            Span<float> latent = Row<float>(x, sample, count), next = Row<float>(y, sample, count), conditional = Row<float>(output, sample, count);
            for (int i = 0; i < count; i++)
            {
                float v = conditional[i];
                if (guided) v = Guide(p.Guidance, v, Row<float>(output, samples + sample, count)[i]);
                float advanced = Advance(p, latent[i], v);
                // x' = fma(f, noise, x')
                next[i] = noise is null ? advanced : MathF.FusedMultiplyAdd(p.FromNoise, Row<float>(noise, sample, count)[i], advanced);
            }
        }
        CheckFinite(y, samples, count, Operation.DenoiseStep);
    }

    // v = fma(g, sub(cond, uncond), uncond)
    private static float Guide(float guidance, float conditional, float unconditional) =>
        MathF.FusedMultiplyAdd(guidance, conditional - unconditional, unconditional);

    // x0 = fma(b, v, mul(a, x)), clamped; x' = fma(e, v, fma(d, x0, mul(c, x)))
    private static float Advance(DenoiseRow p, float x, float v)
    {
        float data = MathF.FusedMultiplyAdd(p.DataFromOutput, v, p.DataFromLatent * x);
        if (data < -p.DataLimit) data = -p.DataLimit;
        if (data > p.DataLimit) data = p.DataLimit;
        return MathF.FusedMultiplyAdd(p.FromOutput, v, MathF.FusedMultiplyAdd(p.FromData, data, p.FromLatent * x));
    }
}
