using Ogong.Compute;
using Ogong.Kernels.Host;

namespace Ogong.Kernels.Reference;

internal sealed partial class ReferenceQueue
{
    // tokens[r] = the kept token with the highest score
    protected override void SampleCore(DeviceBuffer logits, DeviceBuffer parameters, DeviceBuffer tokens, int rows, int vocabulary)
    {
        using HostBuffer scaled = Scale(logits, parameters, rows, vocabulary);
        if (!CheckFinite(scaled, rows, vocabulary, Operation.Sample)) return;
        for (int row = 0; row < rows; row++)
            Row<int>(tokens, row, 1)[0] = SamplerOf(logits, scaled, parameters, row, vocabulary).Chosen;
    }

    private static HostBuffer Scale(DeviceBuffer logits, DeviceBuffer parameters, int rows, int vocabulary)
    {
        var scaled = new HostBuffer(sizeof(float) * (long)rows * vocabulary);
        for (int row = 0; row < rows; row++)
            Sampler.Scale(Row<float>(logits, row, vocabulary), Row<SamplingRow>(parameters, row, 1)[0], Row<float>(scaled, row, vocabulary));
        return scaled;
    }

    private static Sampler SamplerOf(DeviceBuffer logits, DeviceBuffer scaled, DeviceBuffer parameters, int row, int vocabulary) =>
        new(Row<float>(logits, row, vocabulary), Row<float>(scaled, row, vocabulary), Row<SamplingRow>(parameters, row, 1)[0]);
}
