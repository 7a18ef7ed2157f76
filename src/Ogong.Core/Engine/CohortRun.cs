using Ogong.Bytes;
using Ogong.Cohorts;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Engine;

/// <summary>
/// One reply of a cohort, whatever it computes: relays rows from segment to segment, checks every statement against what it relayed, and puts another provider in the place of one that fails.
/// </summary>
/// <param name="pool">The providers.</param>
/// <param name="job">What they are asked for.</param>
/// <param name="retention">Keeps boundaries and the reply.</param>
/// <param name="segments">The segments, with the providers of the route.</param>
internal abstract class CohortRun<TSegment>(CohortPool pool, CohortJob job, IRetentionStore retention, TSegment[] segments) : IAsyncDisposable
    where TSegment : CohortSegment
{
    private readonly List<SegmentReplacement> _replacements = [];
    private readonly HashSet<Digest> _failed = [];

    protected CohortOptions Options => pool.Options;

    protected TSegment[] Segments => segments;

    protected IReadOnlyList<SegmentReplacement> Replacements => _replacements;

    public async ValueTask DisposeAsync()
    {
        foreach (TSegment segment in segments)
            if (segment.Session is { } session) await session.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Who produces a segment's input; null for the segment that reads what the lead itself supplies.</summary>
    protected abstract TSegment? UpstreamOf(TSegment segment);

    protected abstract SegmentOpening Opening(TSegment segment);

    /// <summary>The key that the upstream statements on the rows from <paramref name="first"/> on are signed with; null where there are none.</summary>
    protected virtual HybridPublicKey? UpstreamKey(TSegment segment, int first) => UpstreamOf(segment)?.Provider.Transport.ProviderKey;

    /// <summary>The upstream provider's statements that the rows [<paramref name="first"/>, first + <paramref name="rows"/>) are checked against.</summary>
    protected abstract IReadOnlyList<Signed<BoundaryStatement>> UpstreamStatements(TSegment segment, int first, int rows);

    /// <summary>
    /// Brings the provider that took a segment over to where it can take row <paramref name="position"/>. A <see cref="SegmentException"/> of that provider has it replaced in turn.
    /// </summary>
    /// <param name="segment">The segment, with its new provider.</param>
    /// <param name="position">Rows that were through the segment when it failed.</param>
    /// <param name="trusted">Whether what the segment put out until then is to be believed: nobody there was caught misbehaving.</param>
    /// <param name="cancellationToken">Abandons the reply.</param>
    protected abstract Task TakeOverAsync(TSegment segment, int position, bool trusted, CancellationToken cancellationToken);

    /// <summary>Checks what a provider hands over at the end.</summary>
    /// <exception cref="SegmentException">It is not what it did.</exception>
    protected abstract void Check(TSegment segment, SegmentClosing closing);

    /// <summary>The place of a segment, for its opening.</summary>
    protected SegmentPlace PlaceOf(TSegment segment) => new()
    {
        Segment = segment.Index,
        Segments = segments.Length,
        FirstLayer = segment.Layers.First,
        EndLayer = segment.Layers.End,
        Attempt = segment.Attempt,
        UpstreamKey = UpstreamOf(segment)?.Provider.Transport.ProviderKey.Bytes.ToArray() ?? default(ReadOnlyMemory<byte>),
    };

    /// <summary>Refuses a job whose boundaries and file the store has no room for.</summary>
    protected void RequireRoom(long bytes)
    {
        long left = retention.Capacity - retention.Used;
        if (bytes > left) throw new CohortException($"The retention store has {left} bytes left, this reply may take {bytes}.");
    }

    protected void Retain(in RetentionKey key, ReadOnlySpan<byte> value)
    {
        RetentionResult result = retention.Put(key, value);
        if (result != RetentionResult.Kept) throw new CohortException($"The retention store did not keep {key}: {result}.");
    }

    /// <summary>Opens a session for every segment that has none, before its row <paramref name="position"/>.</summary>
    protected async Task OpenAllAsync(int position, CancellationToken cancellationToken)
    {
        foreach (TSegment segment in segments.Where(s => s.Session is null))
        {
            try
            {
                await OpenAsync(segment, cancellationToken).ConfigureAwait(false);
            }
            catch (SegmentException exception)
            {
                await ReplaceAsync(segment, exception, position, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task OpenAsync(TSegment segment, CancellationToken cancellationToken)
    {
        SegmentOpening opening = Opening(segment);
        segment.KnownUpstream = UpstreamOf(segment)?.Provider.Transport.ProviderKey;
        segment.Session = await segment.Provider.Transport.OpenAsync(opening, Options.OpenDeadline, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends a segment's session and opens another, under the next attempt's number.</summary>
    protected async Task ReopenAsync(TSegment segment, CancellationToken cancellationToken)
    {
        await EndAsync(segment).ConfigureAwait(false);
        await OpenAsync(segment, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends a segment's session; the next one is another attempt.</summary>
    protected static async Task EndAsync(TSegment segment)
    {
        if (segment.Session is { } old) await old.DisposeAsync().ConfigureAwait(false);
        segment.Session = null;
        segment.Attempt++;
    }

    /// <summary>Sends rows through the first <paramref name="count"/> segments and returns what the last of them says.</summary>
    protected async Task<SegmentStepResult> RelayAsync(int first, int rows, ReadOnlyMemory<byte> payload, int count, CancellationToken cancellationToken)
    {
        SegmentStepResult result = null!;
        foreach (TSegment segment in segments[..count])
        {
            segment.Input.Append(payload.Span);
            while (true)
            {
                try
                {
                    result = await StepAsync(segment, first, rows, default, cancellationToken).ConfigureAwait(false);
                    break;
                }
                catch (SegmentException exception)
                {
                    await ReplaceAsync(segment, exception, first, cancellationToken).ConfigureAwait(false);
                }
            }
            payload = result.Payload;
        }
        return result;
    }

    /// <summary>Sends logged rows through one segment and checks what it returns.</summary>
    protected async Task<SegmentStepResult> StepAsync(TSegment segment, int first, int rows, ReadOnlyMemory<int> known, CancellationToken cancellationToken)
    {
        var step = new SegmentStep
        {
            FirstPosition = first,
            Rows = rows,
            Payload = segment.Input.Range(first, rows),
            Upstream = UpstreamStatements(segment, first, rows),
            UpstreamKey = NewUpstreamKey(segment, first),
            KnownTokens = known,
        };
        SegmentStepResult result = await segment.Session!.StepAsync(step, Options.StepDeadline, cancellationToken).ConfigureAwait(false);
        segment.CheckStep(step, result);
        return result;
    }

    /// <summary>Has every provider sign the whole.</summary>
    protected async Task CloseAsync(CancellationToken cancellationToken)
    {
        // In order; replacing one may open others again.
        while (Array.Find(segments, s => s.Closing is null) is { } segment)
        {
            try
            {
                var finish = new SegmentFinish { Upstream = UpstreamOf(segment)?.Closing?.Statement, UpstreamKey = NewUpstreamKey(segment, segment.Input.Rows) };
                SegmentClosing closing = await segment.Session!.FinishAsync(finish, Options.OpenDeadline, cancellationToken).ConfigureAwait(false);
                Check(segment, closing);
                segment.Closing = closing;
            }
            catch (SegmentException exception)
            {
                await ReplaceAsync(segment, exception, segment.Input.Rows, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Finds another provider for a segment and brings it to where the one that failed was.</summary>
    protected async Task ReplaceAsync(TSegment segment, SegmentException failure, int position, CancellationToken cancellationToken)
    {
        using System.Diagnostics.Activity? activity = OgongDiagnostics.Activities.StartActivity("ogong.segment.replace");
        activity?.SetTag("ogong.segment", segment.Index);
        bool trusted = true;
        while (true)
        {
            trusted &= failure.Failure != SegmentFailure.Misbehaved;
            CohortProvider failed = segment.Provider;
            _failed.Add(failed.KeyId);
            if (_replacements.Count == Options.MaxReplacements) throw new CohortException($"{_replacements.Count} segments were replaced already; the last failure was: {failure.Message}", failure);
            segment.Provider = pool.FindReplacement(job, segment.Layers, _failed)
                ?? throw new CohortException($"Nobody else serves layers {segment.Layers} after the provider of segment {segment.Index} failed: {failure.Message}", failure);
            _replacements.Add(new SegmentReplacement(segment.Index, position, failed.KeyId, segment.Provider.KeyId, failure.Failure, failure.Message));
            OgongDiagnostics.SegmentReplaced();
            try
            {
                await TakeOverAsync(segment, position, trusted, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (SegmentException again) when (again.Provider == segment.Provider.KeyId)
            {
                failure = again;
            }
        }
    }

    /// <summary>The key of the provider before, if the session has not been told of it yet.</summary>
    private ReadOnlyMemory<byte> NewUpstreamKey(TSegment segment, int first)
    {
        if (UpstreamKey(segment, first) is not { } key || (segment.KnownUpstream is { } known && known.KeyId.SequenceEqual(key.KeyId))) return default;
        segment.KnownUpstream = key;
        return key.Bytes.ToArray();
    }
}
