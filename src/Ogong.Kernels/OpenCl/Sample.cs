using Ogong.Compute;

namespace Ogong.Kernels.OpenCl;

internal sealed partial class OpenClQueue
{
    protected override void SampleCore(DeviceBuffer logits, DeviceBuffer parameters, DeviceBuffer tokens, int rows, int vocabulary) =>
        Launch(
            Kernel("sample.cl", "sample", Shape.Group), (rows, 1, 1), Shape.Group,
            Memory(logits), Memory(parameters), Memory(tokens), _faultWords.Memory, NextFault(Operation.Sample, vocabulary), vocabulary);
}
