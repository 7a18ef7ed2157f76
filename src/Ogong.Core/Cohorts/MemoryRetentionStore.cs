using System.Diagnostics.CodeAnalysis;
using Ogong.Bytes;

namespace Ogong.Cohorts;

/// <summary>A retention store that lasts as long as the process. Thread-safe.</summary>
/// <param name="capacity">Most bytes of values kept.</param>
public sealed class MemoryRetentionStore(long capacity) : IRetentionStore
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<Digest, OrderedDictionary<RetentionKey, byte[]>> _orders = [];

    /// <inheritdoc/>
    public long Capacity { get; } = capacity > 0 ? capacity : throw new ArgumentOutOfRangeException(nameof(capacity));

    /// <inheritdoc/>
    public long Used { get; private set; }

    /// <inheritdoc/>
    public RetentionResult Put(in RetentionKey key, ReadOnlySpan<byte> value)
    {
        lock (_lock)
        {
            if (Find(key) is { } kept)
                return value.SequenceEqual(kept) ? RetentionResult.Kept : RetentionResult.Conflict;
            if (value.Length > Capacity - Used) return RetentionResult.Full;
            if (!_orders.TryGetValue(key.Order, out OrderedDictionary<RetentionKey, byte[]>? entries))
                _orders.Add(key.Order, entries = []);
            entries.Add(key, value.ToArray());
            Used += value.Length;
            return RetentionResult.Kept;
        }
    }

    /// <inheritdoc/>
    public bool TryGet(in RetentionKey key, [NotNullWhen(true)] out byte[]? value)
    {
        lock (_lock)
        {
            value = (byte[]?)Find(key)?.Clone();
            return value is not null;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<RetentionKey> Keys(Digest order)
    {
        lock (_lock) return _orders.TryGetValue(order, out OrderedDictionary<RetentionKey, byte[]>? entries) ? [.. entries.Keys] : [];
    }

    /// <inheritdoc/>
    public IReadOnlyList<Digest> Orders()
    {
        lock (_lock) return [.. _orders.Keys];
    }

    /// <inheritdoc/>
    public void Release(Digest order)
    {
        lock (_lock)
        {
            if (!_orders.TryGetValue(order, out OrderedDictionary<RetentionKey, byte[]>? entries)) return;
            Used -= entries.Values.Sum(value => (long)value.Length);
            _orders.Remove(order);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _orders.Clear();
            Used = 0;
        }
    }

    private byte[]? Find(in RetentionKey key) =>
        _orders.TryGetValue(key.Order, out OrderedDictionary<RetentionKey, byte[]>? entries) && entries.TryGetValue(key, out byte[]? value) ? value : null;
}
