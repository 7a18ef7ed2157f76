using Ogong.Compute;

namespace Ogong.Kernels.OpenCl;

internal sealed partial class OpenClQueue
{
    protected override void AppendKvCore(KvCache cache, int layer, DeviceBuffer k, DeviceBuffer v, BatchLayout batch, int rows) =>
        Append(Operation.AppendKv, cache, layer, k, v, batch, rows);

    private void Append(Operation operation, KvCache cache, int layer, DeviceBuffer k, DeviceBuffer v, BatchLayout batch, int rows)
    {
        (OpenClKvCache store, KvCacheShape shape) = (OpenClKvCache.From(cache), cache.Shape);
        int width = shape.KvHeads * shape.HeadDim;
        uint keys = NextFault(operation, width), values = NextFault(operation, width);
        LaunchItems(
            Kernel("append_kv.cl", "append_kv", DeviceShape.Elementwise, shape.Type), shape.HeadDim, shape.KvHeads, rows,
            Memory(k), Memory(v), store.Keys(layer), store.Values(layer), Memory(batch.Positions), Memory(batch.Sequences), Memory(batch.PageTable), _faultWords.Memory,
            keys, values, batch.MaxPages, shape.KvHeads, shape.HeadDim, store.Pitch);
    }
}
