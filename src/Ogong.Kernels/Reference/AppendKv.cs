using Ogong.Compute;
using Ogong.Kernels.Host;

namespace Ogong.Kernels.Reference;

internal sealed unsafe partial class ReferenceQueue
{
    // cache[sequence, position] = round(k), round(v); a value that rounds to infinity raises
    protected override void AppendKvCore(KvCache cache, int layer, DeviceBuffer k, DeviceBuffer v, BatchLayout batch, int rows)
    {
        int width = cache.Shape.KvHeads * cache.Shape.HeadDim;
        using var rounded = new HostBuffer(sizeof(float) * (long)rows * width);
        foreach (bool keys in (ReadOnlySpan<bool>)[true, false])
        {
            for (int row = 0; row < rows; row++)
            {
                int sequence = Element(batch.Sequences, row), position = Element(batch.Positions, row);
                var store = ReferenceKvCache.From(cache);
                Span<byte> stored = keys ? store.Keys(layer, batch, sequence, position) : store.Values(layer, batch, sequence, position);
                ElementStorage.Round(cache.Shape.Type, Row<float>(keys ? k : v, row, width), stored);
                ElementStorage.Widen(cache.Shape.Type, stored, Row<float>(rounded, row, width));
            }
            CheckFinite(rounded, rows, width, Operation.AppendKv);
        }
    }
}
