using System.Runtime.InteropServices;
using Ogong.Compute;
using Ogong.Numerics;

namespace Ogong.Kernels.Cuda;

internal sealed partial class CudaQueue
{
    protected override void SrpProjectCore(DeviceBuffer h, ulong bankSeed, DeviceBuffer y, int rows, int columns, int directions)
    {
        const int RowsPerBlock = 4, DirectionsPerBlock = 64, SumThreads = 128;
        int chunks = Grid.Blocks(columns, Reductions.Chunk);
        long count = (long)rows * directions;
        ulong parts = Scratch(chunks * count * sizeof(float));
        Fault fault = NextFault(Operation.SrpProject, directions);
        var arguments = new SrpProjectArgs(Pointer(h), parts, Pointer(y), bankSeed, fault, rows, columns, directions);
        var grid = new Grid(Grid.Blocks(rows, RowsPerBlock), chunks, Grid.Blocks(directions, DirectionsPerBlock));
        Launch(Kernel("srp_project.cu", "srp_project_chunks"), grid, DirectionsPerBlock, 0, arguments);
        Launch(Kernel("srp_project.cu", "srp_project_sum"), Grid.Blocks(count, SumThreads), SumThreads, 0, arguments);
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct SrpProjectArgs(ulong H, ulong Parts, ulong Y, ulong BankSeed, Fault Fault, int Rows, int Columns, int Directions);
}
