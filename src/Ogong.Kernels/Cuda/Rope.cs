using System.Runtime.InteropServices;
using Ogong.Compute;

namespace Ogong.Kernels.Cuda;

internal sealed partial class CudaQueue
{
    protected override void RopeCore(DeviceBuffer x, DeviceBuffer table, BatchLayout batch, int rows, int heads, int headDim)
    {
        int perThread = headDim % 8 == 0 ? 4 : 1;
        var grid = new Grid(rows, Math.Min(Grid.Blocks((long)heads * (headDim / 2) / perThread, 256), 65535));
        Launch(Kernel("rope.cu", "rope"), grid, 256, 0, new RopeArgs(Pointer(x), Pointer(table), Pointer(batch.Positions), heads, headDim));
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct RopeArgs(ulong X, ulong Table, ulong Positions, int Heads, int HeadDim);
}
