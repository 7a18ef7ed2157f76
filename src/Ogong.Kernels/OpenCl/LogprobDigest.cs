using Ogong.Compute;
using Ogong.Native.OpenCl;

namespace Ogong.Kernels.OpenCl;

internal sealed partial class OpenClQueue
{
    protected override void LogprobDigestCore(
        DeviceBuffer logits, DeviceBuffer ids, DeviceBuffer logprobs, DeviceBuffer? targets, DeviceBuffer? targetLogprobs, int rows, int vocabulary, int k)
    {
        int chunks = (vocabulary + 255) / 256;
        uint fault = NextFault(Operation.LogprobDigest, k), targetFault = NextFault(Operation.LogprobDigest, 1);
        // Chunk states, then winners.
        OpenClBuffer states = Scratch(8L * rows * chunks), winners = Scratch(4L * rows * k, 1);
        Launch(Kernel("logprob_digest.cl", "logprob_chunks", Shape.Group), (chunks, rows, 1), Shape.Group, Memory(logits), states, vocabulary);
        Launch(
            Kernel("logprob_digest.cl", "logprob_digest", Shape.Group), (rows, 1, 1), Shape.Group,
            Memory(logits), states, winners, Memory(ids), Memory(logprobs), Optional(targets), Optional(targetLogprobs), _faultWords.Memory,
            fault, targetFault, vocabulary, k);
    }
}
