using Ogong.Compute;

namespace Ogong.Kernels.Cpu;

internal sealed partial class CpuQueue
{
    protected override void LogprobDigestCore(DeviceBuffer logits, DeviceBuffer ids, DeviceBuffer logprobs, DeviceBuffer? targets, DeviceBuffer? targetLogprobs, int rows, int vocabulary, int k) =>
        throw new NotSupportedException();
}
