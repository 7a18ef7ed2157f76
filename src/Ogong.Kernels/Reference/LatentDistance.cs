using Ogong.Compute;
using Ogong.Numerics;

namespace Ogong.Kernels.Reference;

internal sealed partial class ReferenceQueue
{
    // d = sub(x, reference), y = div(sqrt(sum(d²)), max(sqrt(sum(reference²)), 2^-126)), or NaN if a sum is not finite
    protected override void LatentDistanceCore(DeviceBuffer x, DeviceBuffer reference, DeviceBuffer y, int samples, int count)
    {
        float[] d = new float[count];
        for (int sample = 0; sample < samples; sample++)
        {
            Span<float> latent = Row<float>(x, sample, count), against = Row<float>(reference, sample, count);
            for (int i = 0; i < count; i++) d[i] = latent[i] - against[i];
            Row<float>(y, sample, 1)[0] = ExactMath.RelativeNorm(Reductions.SumOfSquares(d), Reductions.SumOfSquares(against));
        }
        CheckFinite(y, samples, 1, Operation.LatentDistance);
    }
}
