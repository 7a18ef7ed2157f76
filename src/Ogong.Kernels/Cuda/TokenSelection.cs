using System.Runtime.InteropServices;
using Ogong.Compute;

namespace Ogong.Kernels.Cuda;

internal sealed partial class CudaQueue
{
    /// <summary>Token ids of a part, and threads of its block, as in selection.cuh.</summary>
    private const int PartTokens = 4096, PartThreads = 256;

    /// <summary>
    /// What Sample and SampleMargin begin with: t is checked, and a state per row says which tokens top-k and top-p keep. Returns the states' address.
    /// </summary>
    private ulong KeepTokens(DeviceBuffer logits, DeviceBuffer parameters, int rows, int vocabulary, Operation operation)
    {
        const int RowStateBytes = 32;
        int parts = Grid.Blocks(vocabulary, PartTokens);
        ulong states = Scratch(((long)rows * RowStateBytes) + ((long)rows * parts * sizeof(ulong)));
        ulong firsts = states + ((ulong)rows * RowStateBytes);
        var scan = new ScanArgs(Pointer(logits), Pointer(parameters), firsts, NextFault(operation, vocabulary), vocabulary, parts);
        Launch(Kernel("sample.cu", "sample_scan"), checked(rows * parts), PartThreads, 0, scan);
        var keep = new KeepArgs(Pointer(logits), Pointer(parameters), firsts, states, vocabulary, parts);
        Launch(Kernel("sample_keep.cu", "sample_keep"), rows, vocabulary > 8192 ? 1024 : 256, 0, keep);
        return states;
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct ScanArgs(ulong Logits, ulong Parameters, ulong Firsts, Fault Fault, int Vocabulary, int Parts);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct KeepArgs(ulong Logits, ulong Parameters, ulong Firsts, ulong States, int Vocabulary, int Parts);
}
