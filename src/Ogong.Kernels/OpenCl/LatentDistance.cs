using Ogong.Compute;

namespace Ogong.Kernels.OpenCl;

internal sealed partial class OpenClQueue
{
    protected override void LatentDistanceCore(DeviceBuffer x, DeviceBuffer reference, DeviceBuffer y, int samples, int count) =>
        Launch(
            Kernel("latent_distance.cl", "latent_distance", Shape.Group), (samples, 1, 1), Shape.Group,
            Memory(x), Memory(reference), Memory(y), _faultWords.Memory, NextFault(Operation.LatentDistance, 1), count);
}
