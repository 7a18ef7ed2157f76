using System.Runtime.InteropServices;
using Ogong.Compute;

namespace Ogong.Kernels.Cuda;

internal sealed partial class CudaQueue
{
    protected override void AppendKvCore(KvCache cache, int layer, DeviceBuffer k, DeviceBuffer v, BatchLayout batch, int rows) =>
        Append(Operation.AppendKv, cache, layer, k, v, batch, rows);

    private void Append(Operation operation, KvCache cache, int layer, DeviceBuffer k, DeviceBuffer v, BatchLayout batch, int rows)
    {
        KvCacheShape shape = cache.Shape;
        int width = checked(shape.KvHeads * shape.HeadDim);
        // All keys are checked before all values.
        Fault keys = NextFault(operation, width), values = NextFault(operation, width);
        Launch(Kernel("append_kv.cu", "append_kv", ("CACHE_TYPE", (int)shape.Type)), rows, 256, 0, new AppendKvArgs(
            CudaKvCache.From(cache).Layer(layer), Pointer(k), Pointer(v), Pointer(batch.Positions), Pointer(batch.Sequences), Pointer(batch.PageTable),
            keys, values, shape.KvHeads, shape.HeadDim, batch.MaxPages));
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct AppendKvArgs(
        ulong Cache, ulong K, ulong V, ulong Positions, ulong Sequences, ulong PageTable, Fault KeyFault, Fault ValueFault, int KvHeads, int HeadDim, int MaxPages);
}
