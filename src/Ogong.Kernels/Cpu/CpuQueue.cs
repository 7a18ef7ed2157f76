using Ogong.Kernels.Host;

namespace Ogong.Kernels.Cpu;

/// <summary>Operations on the host processor; one file per operation.</summary>
internal sealed unsafe partial class CpuQueue(CpuBackend backend) : HostQueue
{
    internal CpuBackend Backend { get; } = backend;

    protected override void Dispose(bool disposing)
    {
        ReadOnlySpan<Scratch> all =
        [
            _packed, _attentionScratch, _attentionParts, _keyBlocks, _keyLayout, _srpSigns, _digestScratch, _sampleScratch, _keptScratch,
            _bucketScratch,
        ];
        foreach (Scratch scratch in all) scratch.Dispose();
        base.Dispose(disposing);
    }
}
