using Ogong.Compute;

namespace Ogong.Kernels.OpenCl;

internal sealed partial class OpenClQueue
{
    protected override void DenoiseStepCore(
        DeviceBuffer x, DeviceBuffer output, DeviceBuffer? noise, DeviceBuffer parameters, DeviceBuffer y, int samples, int count, bool guided) =>
        LaunchItems(
            Kernel("denoise_step.cl", "denoise_step", DeviceShape.Elementwise), count, samples, 1,
            Memory(x), Memory(output), Optional(noise), Memory(parameters), Memory(y), _faultWords.Memory, NextFault(Operation.DenoiseStep, count),
            samples, count, guided ? 1 : 0);
}
