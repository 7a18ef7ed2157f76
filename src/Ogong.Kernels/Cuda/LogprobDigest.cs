using System.Runtime.InteropServices;
using Ogong.Compute;
using Ogong.Numerics;

namespace Ogong.Kernels.Cuda;

internal sealed partial class CudaQueue
{
    protected override void LogprobDigestCore(DeviceBuffer logits, DeviceBuffer ids, DeviceBuffer logprobs, DeviceBuffer? targets,
        DeviceBuffer? targetLogprobs, int rows, int vocabulary, int k)
    {
        int parts = Grid.Blocks(vocabulary, PartTokens), length = Math.Min(k, PartTokens);
        long chunkBytes = (long)rows * parts * (PartTokens / Reductions.Chunk) * (2 * sizeof(float));
        ulong chunks = Scratch(chunkBytes + ((long)rows * parts * length * sizeof(ulong))), lists = chunks + (ulong)chunkBytes;
        Fault fault = NextFault(Operation.LogprobDigest, k), targetFault = targets is null ? default : NextFault(Operation.LogprobDigest, 1);
        var arguments = new DigestArgs(Pointer(logits), chunks, lists, Pointer(ids), Pointer(logprobs), Pointer(targets),
            Pointer(targetLogprobs), fault, targetFault, vocabulary, parts, k, length);
        Launch(Kernel("logprob_digest.cu", "logprob_digest_parts"), checked(rows * parts), PartThreads, 0, arguments);
        var grid = new Grid(rows, Grid.Blocks((long)parts * length, PartThreads));
        Launch(Kernel("logprob_digest.cu", "logprob_digest_rows"), grid, PartThreads, 0, arguments);
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct DigestArgs(ulong Logits, ulong Chunks, ulong Lists, ulong Ids, ulong Logprobs, ulong Targets,
        ulong TargetLogprobs, Fault Fault, Fault TargetFault, int Vocabulary, int Parts, int K, int Length);
}
