using System.Runtime.InteropServices;
using Ogong.Compute;

namespace Ogong.Kernels.Cuda;

internal sealed partial class CudaQueue
{
    protected override void GatedActivationCore(DeviceBuffer gate, DeviceBuffer up, DeviceBuffer y, long count)
    {
        var arguments = new GatedActivationArgs(Pointer(gate), Pointer(up), Pointer(y), count);
        Launch(Kernel("gated_activation.cu", "gated_activation"), GridStride((count + 3) / 4, 256), 256, 0, arguments);
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct GatedActivationArgs(ulong Gate, ulong Up, ulong Y, long Count);
}
