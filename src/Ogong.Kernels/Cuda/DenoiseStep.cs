using System.Runtime.InteropServices;
using Ogong.Compute;

namespace Ogong.Kernels.Cuda;

internal sealed partial class CudaQueue
{
    protected override void DenoiseStepCore(
        DeviceBuffer x, DeviceBuffer output, DeviceBuffer? noise, DeviceBuffer parameters, DeviceBuffer y, int samples, int count, bool guided)
    {
        long total = (long)samples * count;
        var arguments = new DenoiseStepArgs(
            Pointer(x), Pointer(output), Pointer(noise), Pointer(parameters), Pointer(y), total, NextFault(Operation.DenoiseStep, count), count, guided ? 1 : 0);
        Launch(Kernel("denoise_step.cu", "denoise_step"), GridStride(total, 256), 256, 0, arguments);
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct DenoiseStepArgs(ulong X, ulong Output, ulong Noise, ulong Rows, ulong Y, long Total, Fault Fault, int Count, int Guided);
}
