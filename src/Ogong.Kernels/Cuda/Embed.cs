using System.Runtime.InteropServices;
using Ogong.Compute;

namespace Ogong.Kernels.Cuda;

internal sealed partial class CudaQueue
{
    protected override void EmbedCore(Weight table, DeviceBuffer tokens, DeviceBuffer y, int rows)
    {
        CudaKernel kernel = table.Type.IsBlock()
            ? Kernel("integer_embed.cu", "integer_embed", ("WEIGHT_TYPE", (int)table.Type))
            : Kernel("embed.cu", "embed", ("WEIGHT_TYPE", (int)table.Type));
        Launch(kernel, rows, 256, 0, new EmbedArgs(CudaWeight.From(table).Pointer, Pointer(tokens), Pointer(y), table.Columns));
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct EmbedArgs(ulong Table, ulong Tokens, ulong Y, int Columns);
}
