using System.Runtime.InteropServices;
using Ogong.Compute;

namespace Ogong.Kernels.Cuda;

internal sealed partial class CudaQueue
{
    protected override void LatentDistanceCore(DeviceBuffer x, DeviceBuffer reference, DeviceBuffer y, int samples, int count) =>
        Launch(
            Kernel("latent_distance.cu", "latent_distance"), samples, 256, 0,
            new LatentDistanceArgs(Pointer(x), Pointer(reference), Pointer(y), NextFault(Operation.LatentDistance, 1), count));

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct LatentDistanceArgs(ulong X, ulong Reference, ulong Y, Fault Fault, int Count);
}
