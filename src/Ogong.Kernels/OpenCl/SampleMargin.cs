using Ogong.Compute;

namespace Ogong.Kernels.OpenCl;

internal sealed partial class OpenClQueue
{
    protected override void SampleMarginCore(DeviceBuffer logits, DeviceBuffer parameters, DeviceBuffer claimed, DeviceBuffer margins, int rows, int vocabulary)
    {
        uint scaled = NextFault(Operation.SampleMargin, vocabulary), fault = NextFault(Operation.SampleMargin, 1);
        Launch(
            Kernel("sample_margin.cl", "sample_margin", Shape.Group), (rows, 1, 1), Shape.Group,
            Memory(logits), Memory(parameters), Memory(claimed), Memory(margins), _faultWords.Memory, scaled, fault, vocabulary);
    }
}
