using Ogong.Kernels.Host;

namespace Ogong.Kernels.Cpu;

/// <summary>Operations on the host processor; one file per operation.</summary>
internal sealed unsafe partial class CpuQueue(CpuBackend backend) : HostQueue
{
    internal CpuBackend Backend { get; } = backend;

    protected override void Dispose(bool disposing)
    {
        _packed?.Dispose();
        _packed = null;
        base.Dispose(disposing);
    }
}
