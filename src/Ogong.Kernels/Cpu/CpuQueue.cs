using Ogong.Kernels.Host;

namespace Ogong.Kernels.Cpu;

/// <summary>Operations on the host processor; one file per operation.</summary>
internal sealed partial class CpuQueue(CpuBackend backend) : HostQueue
{
    internal CpuBackend Backend { get; } = backend;
}
