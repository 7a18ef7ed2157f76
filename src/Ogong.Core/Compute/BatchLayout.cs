namespace Ogong.Compute;

/// <summary>
/// Which token of which sequence each row of a step is. Everything that changes from step to step is in these device buffers, so that a
/// backend can record a step once and replay it. Rows of one sequence are adjacent and in ascending position.
/// </summary>
/// <remarks>Not thread-safe: one layout belongs to one queue at a time.</remarks>
public sealed class BatchLayout : IDisposable
{
    /// <summary>Allocates the buffers for steps of up to <paramref name="maxRows"/> rows from up to <paramref name="maxSequences"/> sequences of up to <paramref name="maxPages"/> pages each.</summary>
    public BatchLayout(IBackend backend, int maxRows, int maxSequences, int maxPages)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxRows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxSequences);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxPages);
        (MaxRows, MaxSequences, MaxPages) = (maxRows, maxSequences, maxPages);
        Positions = backend.Allocate(4L * maxRows);
        Sequences = backend.Allocate(4L * maxRows);
        PageTable = backend.Allocate(4L * maxSequences * maxPages);
    }

    /// <summary>Most rows in one step.</summary>
    public int MaxRows { get; }

    /// <summary>Most sequences in one step.</summary>
    public int MaxSequences { get; }

    /// <summary>Page-table entries per sequence.</summary>
    public int MaxPages { get; }

    /// <summary>int32 [MaxRows]: absolute position of each row in its sequence, from 0.</summary>
    public DeviceBuffer Positions { get; }

    /// <summary>int32 [MaxRows]: index of each row's sequence within the step, from 0.</summary>
    public DeviceBuffer Sequences { get; }

    /// <summary>int32 [MaxSequences × MaxPages]: page number of each 256 positions of each sequence; entries past the sequence's end are never read.</summary>
    public DeviceBuffer PageTable { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Positions.Dispose();
        Sequences.Dispose();
        PageTable.Dispose();
    }
}
