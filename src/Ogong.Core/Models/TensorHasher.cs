using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Ogong.Bytes;
using Ogong.Compute;

namespace Ogong.Models;

/// <summary>Hashes the stored bytes of tensors, several tensors at a time, with the user's cache where allowed.</summary>
internal static class TensorHasher
{
    private const int BlockBytes = 4 << 20;

    private static readonly HashTag s_tag = new("ogong/tensor-bytes/1");

    /// <summary>Content digest of each named tensor: the tagged hash of all its bytes, row-major, little-endian.</summary>
    public static Dictionary<string, Digest> Hash(ITensorSet weights, IReadOnlyList<string> names, bool useCache, CancellationToken cancellationToken)
    {
        TensorHashCache? cache = useCache && weights is IStoredTensors stored ? TensorHashCache.Open(stored, names) : null;
        var digests = new ConcurrentDictionary<string, Digest>(StringComparer.Ordinal);
        // Largest first, so that no thread is left alone with the embedding at the end.
        ITensorSource[] tensors = [.. names.Select(weights.Tensor).OrderByDescending(static t => t.Rows * t.Type.RowBytes(t.Columns))];
        try
        {
            Parallel.ForEach(Partitioner.Create(tensors, EnumerablePartitionerOptions.NoBuffering), new ParallelOptions { CancellationToken = cancellationToken }, tensor =>
            {
                if (cache is null || !cache.TryGet(tensor.Name, out Digest digest)) digest = Hash(tensor, cancellationToken);
                digests[tensor.Name] = digest;
            });
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]); // a tensor whose bytes turn out wrong when they are read
        }
        cache?.Save(digests);
        return new Dictionary<string, Digest>(digests, StringComparer.Ordinal);
    }

    private static Digest Hash(ITensorSource tensor, CancellationToken cancellationToken)
    {
        using var hasher = new TaggedHasher(s_tag);
        int step = (int)Math.Max(1, BlockBytes / tensor.Type.RowBytes(tensor.Columns));
        for (int row = 0; row < tensor.Rows; row += step)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hasher.Append(tensor.ReadRows(row, Math.Min(step, tensor.Rows - row)));
        }
        return hasher.Finish();
    }
}
