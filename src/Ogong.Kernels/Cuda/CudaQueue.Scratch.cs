using System.Numerics;

namespace Ogong.Kernels.Cuda;

internal sealed partial class CudaQueue
{
    private CudaBuffer? _scratch;

    /// <summary>
    /// Device memory for one operation, at the same address as long as it need not grow; whatever an operation left there is gone. Operations of a queue run one after another, so they share it.
    /// </summary>
    private ulong Scratch(long bytes)
    {
        if (_scratch is not null && bytes <= _scratch.ByteLength) return _scratch.Pointer;
        Diverge(); // enqueues the calls so far: they are to use the memory that is about to go
        _scratch?.Dispose();
        _scratch = null;
        _scratch = new CudaBuffer(Backend, (long)BitOperations.RoundUpToPowerOf2((ulong)Math.Max(bytes, 1 << 16)), "a queue's scratch");
        return _scratch.Pointer;
    }
}
