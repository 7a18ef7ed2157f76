using Ogong.Compute;
using Ogong.Kernels.Host;

namespace Ogong.Kernels.Reference;

internal sealed partial class ReferenceQueue
{
    // margins[r] = how far claimed[r] is from being the choice
    protected override void SampleMarginCore(DeviceBuffer logits, DeviceBuffer parameters, DeviceBuffer claimed, DeviceBuffer margins, int rows, int vocabulary)
    {
        using HostBuffer scaled = Scale(logits, parameters, rows, vocabulary);
        if (!CheckFinite(scaled, rows, vocabulary, Operation.SampleMargin)) return;
        for (int row = 0; row < rows; row++)
        {
            int token = Index(claimed, row, vocabulary, nameof(claimed));
            Sampler sampler = SamplerOf(logits, scaled, parameters, row, vocabulary);
            Row<float>(margins, row, 1)[0] = sampler.Margin(token, Row<float>(logits, row, vocabulary), Row<SamplingRow>(parameters, row, 1)[0].Temperature);
        }
        CheckFinite(margins, rows, 1, Operation.SampleMargin);
    }
}
