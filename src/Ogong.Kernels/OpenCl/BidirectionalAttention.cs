using Ogong.Compute;
using Ogong.Kernels.Device;

namespace Ogong.Kernels.OpenCl;

internal sealed partial class OpenClQueue
{
    private readonly TokenCaches _tokenCaches = new();

    protected override void BidirectionalAttentionCore(DeviceBuffer q, DeviceBuffer k, DeviceBuffer v, DeviceBuffer? keyCounts, DeviceBuffer y, AttentionShape shape)
    {
        if (!_tokenCaches.TryGet(shape, out TokenCache? tokens)) tokens = _tokenCaches.Add(Backend, shape);
        (BatchLayout keys, BatchLayout queries) = (tokens.Keys, tokens.Queries);
        LaunchItems(
            Kernel("bidirectional_attention.cl", "bidirectional_layout", DeviceShape.Elementwise), Math.Max(shape.Queries, shape.Keys), shape.Samples, 1,
            Optional(keyCounts), Memory(queries.Positions), Memory(queries.Sequences), Memory(queries.PageTable),
            Memory(keys.Positions), Memory(keys.Sequences), Memory(keys.PageTable), shape.Queries, shape.Keys, keys.MaxPages);
        Append(Operation.BidirectionalAttention, tokens.Cache, 0, k, v, keys, keys.MaxRows);
        Attend(Operation.BidirectionalAttention, tokens.Cache, 0, q, y, queries, shape.Rows, shape.Heads, int.MaxValue);
    }
}
