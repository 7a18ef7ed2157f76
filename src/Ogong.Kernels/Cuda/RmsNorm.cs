using System.Runtime.InteropServices;
using Ogong.Compute;

namespace Ogong.Kernels.Cuda;

internal sealed partial class CudaQueue
{
    /// <summary>As in rms_norm.cu: rows of a block of the narrow kernel; threads of one of the wide.</summary>
    private const int NarrowRows = 8, WideThreads = 512;

    /// <summary>A warp takes a row of up to so many columns, and any row where there are enough of them to fill the device with warps.</summary>
    private const int NarrowColumns = 512;

    protected override void RmsNormCore(DeviceBuffer x, DeviceBuffer weight, float epsilon, DeviceBuffer y, int rows, int columns)
    {
        var arguments = new RmsNormArgs(Pointer(x), Pointer(weight), Pointer(y), NextFault(Operation.RmsNorm, columns), rows, columns, epsilon);
        bool narrow = columns <= NarrowColumns || rows >= 32 * Backend.Multiprocessors;
        if (narrow) Launch(Kernel("rms_norm.cu", "rms_norm_narrow"), Grid.Blocks(rows, NarrowRows), 32 * NarrowRows, 0, arguments);
        else Launch(Kernel("rms_norm.cu", "rms_norm_wide"), rows, WideThreads, 0, arguments);
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct RmsNormArgs(ulong X, ulong Weight, ulong Y, Fault Fault, int Rows, int Columns, float Epsilon);
}
