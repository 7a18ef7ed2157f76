using Ogong.Compute;

namespace Ogong.Kernels.OpenCl;

internal sealed partial class OpenClQueue
{
    protected override void DenoiseInputCore(DeviceBuffer x, DeviceBuffer parameters, DeviceBuffer y, int samples, int count, int branches) =>
        LaunchItems(
            Kernel("denoise_input.cl", "denoise_input", DeviceShape.Elementwise), count, samples, branches, Memory(x), Memory(parameters), Memory(y), samples, count);
}
