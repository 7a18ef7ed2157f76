using System.Runtime.InteropServices;
using Ogong.Compute;

namespace Ogong.Kernels.Cuda;

internal sealed partial class CudaQueue
{
    protected override void SampleCore(DeviceBuffer logits, DeviceBuffer parameters, DeviceBuffer tokens, int rows, int vocabulary)
    {
        ulong states = KeepTokens(logits, parameters, rows, vocabulary, Operation.Sample);
        int parts = Grid.Blocks(vocabulary, PartTokens);
        var arguments = new SampleArgs(Pointer(logits), Pointer(parameters), states, Pointer(tokens), vocabulary, parts);
        Launch(Kernel("sample.cu", "sample_choose"), checked(rows * parts), PartThreads, 0, arguments);
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct SampleArgs(ulong Logits, ulong Parameters, ulong States, ulong Tokens, int Vocabulary, int Parts);
}
