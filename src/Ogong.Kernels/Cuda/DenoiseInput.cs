using System.Runtime.InteropServices;
using Ogong.Compute;

namespace Ogong.Kernels.Cuda;

internal sealed partial class CudaQueue
{
    protected override void DenoiseInputCore(DeviceBuffer x, DeviceBuffer parameters, DeviceBuffer y, int samples, int count, int branches)
    {
        long total = (long)samples * count;
        Launch(
            Kernel("denoise_input.cu", "denoise_input"), GridStride(total, 256), 256, 0,
            new DenoiseInputArgs(Pointer(x), Pointer(parameters), Pointer(y), total, count, branches));
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct DenoiseInputArgs(ulong X, ulong Rows, ulong Y, long Total, int Count, int Branches);
}
