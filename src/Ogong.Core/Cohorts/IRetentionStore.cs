using System.Diagnostics.CodeAnalysis;
using Ogong.Bytes;

namespace Ogong.Cohorts;

/// <summary>What a retained entry holds.</summary>
public enum RetainedKind : byte
{
    /// <summary>A whole reply container; boundary and window are 0.</summary>
    Reply = 1,

    /// <summary>The binary32 states (or token ids, at boundary 0) that crossed a boundary in one window.</summary>
    BoundaryWindow = 2,
}

/// <summary>Which entry: one slot of one job.</summary>
/// <param name="Order">Hash of the order the entry belongs to.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="Boundary">Layer boundary: 0 before the first layer, L after the last.</param>
/// <param name="Window">Index of the 32-position window.</param>
public readonly record struct RetentionKey(Digest Order, RetainedKind Kind, int Boundary = 0, int Window = 0);

/// <summary>What became of a <see cref="IRetentionStore.Put"/>.</summary>
public enum RetentionResult : byte
{
    /// <summary>The value is kept (or was already, with the same bytes).</summary>
    Kept = 0,

    /// <summary>The store's bound would be exceeded; nothing was changed. Settle and release older orders first.</summary>
    Full = 1,

    /// <summary>The slot already holds other bytes; nothing was changed. A slot is written once.</summary>
    Conflict = 2,
}

/// <summary>
/// Keeps what the producer and the consumer of a boundary must be able to open until the job is settled. Bounded; implementations are thread-safe.
/// A drawn window that cannot be opened in time counts as failed, so a provider that cannot keep a job's boundaries should refuse the job.
/// </summary>
public interface IRetentionStore : IDisposable
{
    /// <summary>Most bytes kept, bookkeeping of the format included.</summary>
    long Capacity { get; }

    /// <summary>Bytes kept now.</summary>
    long Used { get; }

    /// <summary>Keeps a value until its order is released.</summary>
    RetentionResult Put(in RetentionKey key, ReadOnlySpan<byte> value);

    /// <summary>Gives a copy of the value kept under <paramref name="key"/>; false if there is none (or its bytes are damaged).</summary>
    bool TryGet(in RetentionKey key, [NotNullWhen(true)] out byte[]? value);

    /// <summary>Keys kept for an order, in the order they were put.</summary>
    IReadOnlyList<RetentionKey> Keys(Digest order);

    /// <summary>Orders with at least one entry, in ascending order of their hash.</summary>
    IReadOnlyList<Digest> Orders();

    /// <summary>Forgets an order's entries: it is settled.</summary>
    void Release(Digest order);
}
