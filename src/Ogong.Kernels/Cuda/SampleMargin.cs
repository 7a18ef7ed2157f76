using System.Runtime.InteropServices;
using Ogong.Compute;

namespace Ogong.Kernels.Cuda;

internal sealed partial class CudaQueue
{
    protected override void SampleMarginCore(DeviceBuffer logits, DeviceBuffer parameters, DeviceBuffer claimed, DeviceBuffer margins,
        int rows, int vocabulary)
    {
        ulong states = KeepTokens(logits, parameters, rows, vocabulary, Operation.SampleMargin);
        int parts = Grid.Blocks(vocabulary, PartTokens);
        var arguments = new MarginArgs(Pointer(logits), Pointer(parameters), states, Pointer(claimed), Pointer(margins),
            NextFault(Operation.SampleMargin, 1), vocabulary, parts);
        Launch(Kernel("sample_margin.cu", "sample_margin"), checked(rows * parts), PartThreads, 0, arguments);
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct MarginArgs(ulong Logits, ulong Parameters, ulong States, ulong Claimed, ulong Margins, Fault Fault,
        int Vocabulary, int Parts);
}
