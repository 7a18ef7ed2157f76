using System.Runtime.InteropServices;
using Ogong.Compute;
using Ogong.Kernels.Device;

namespace Ogong.Kernels.Cuda;

internal sealed partial class CudaQueue
{
    private readonly TokenCaches _tokenCaches = new();

    protected override void BidirectionalAttentionCore(DeviceBuffer q, DeviceBuffer k, DeviceBuffer v, DeviceBuffer? keyCounts, DeviceBuffer y, AttentionShape shape)
    {
        if (!_tokenCaches.TryGet(shape, out TokenCache? tokens))
        {
            Diverge(); // enqueues the calls so far: they may use the memory that is about to go
            tokens = _tokenCaches.Add(Backend, shape);
        }
        (BatchLayout keys, BatchLayout queries) = (tokens.Keys, tokens.Queries);
        int entries = Math.Max(shape.Rows, shape.Samples * shape.Keys);
        Launch(
            Kernel("bidirectional_attention.cu", "bidirectional_layout"), GridStride(entries, 256), 256, 0,
            new BidirectionalLayoutArgs(
                Pointer(keyCounts), Pointer(queries.Positions), Pointer(queries.Sequences), Pointer(queries.PageTable),
                Pointer(keys.Positions), Pointer(keys.Sequences), Pointer(keys.PageTable), shape.Samples, shape.Queries, shape.Keys, keys.MaxPages));
        Append(Operation.BidirectionalAttention, tokens.Cache, 0, k, v, keys, keys.MaxRows);
        Attend(Operation.BidirectionalAttention, tokens.Cache, 0, q, y, queries, shape.Rows, shape.Heads, int.MaxValue, NumericMode.Exact);
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct BidirectionalLayoutArgs(
        ulong KeyCounts, ulong QueryPositions, ulong QuerySequences, ulong QueryPages, ulong KeyPositions, ulong KeySequences, ulong KeyPages,
        int Samples, int Queries, int Keys, int Pages);
}
