using Ogong.Bytes;
using Ogong.Cohorts;
using Ogong.Commitments;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Engine;

/// <summary>One reply of a cohort: relays states from segment to segment, checks every statement against what it relayed, and puts another provider in the place of one that fails.</summary>
internal sealed class CohortRun : IAsyncDisposable
{
    private readonly CohortLead _lead;
    private readonly Signed<Order> _order;
    private readonly HybridPublicKey _consumerKey;
    private readonly ReadOnlyMemory<int> _prompt;
    private readonly Route _route;
    private readonly CohortSegment[] _segments;
    private readonly List<int> _reply = [];
    private readonly List<SegmentReplacement> _replacements = [];
    private readonly HashSet<Digest> _failed = [];

    public CohortRun(CohortLead lead, Signed<Order> order, HybridPublicKey consumerKey, ReadOnlyMemory<int> prompt, Route route)
    {
        (_lead, _order, _consumerKey, _prompt, _route) = (lead, order, consumerKey, prompt, route);
        int stateBytes = lead.Config.HiddenSize * sizeof(float);
        _segments = new CohortSegment[route.Segments.Count];
        for (int i = 0; i < _segments.Length; i++)
        {
            RouteOffer offer = route.Segments[i];
            CohortSegment? upstream = i == 0 ? null : _segments[i - 1];
            _segments[i] = new CohortSegment(i, new LayerRange(offer.First, offer.End), lead.Config, lead.Provider(offer.Provider), upstream);
        }
        long room = RoomFor(prompt.Length + order.Message.MaxTokens, stateBytes);
        if (room > lead.Retention.Capacity - lead.Retention.Used)
            throw new CohortException($"The retention store has {lead.Retention.Capacity - lead.Retention.Used} bytes left, this reply may take {room}.");
    }

    private Order Order => _order.Message;

    /// <summary>Most bytes the boundaries and the file of a reply of so many positions take: the states once or, opened in the file, twice; a statement with its signature and the retention format's own bytes per window.</summary>
    private long RoomFor(long positions, int stateBytes)
    {
        long states = positions * (sizeof(int) + ((_segments.Length - 1L) * stateBytes));
        long windows = (positions / CommitmentWindow.Length) + 1;
        long sketches = positions * _segments.Length * Order.Profile.Sketch.BytesPerRow;
        long tokens = positions * (sizeof(int) + (8L * Order.Profile.TopK));
        return (states * (_lead.Options.OpenBoundaries ? 2 : 1)) + sketches + tokens + (windows * _segments.Length * (HybridSignature.Size + 512)) + ((_segments.Length + 4) * 8192L);
    }

    public async Task GenerateAsync(IProgress<GeneratedToken>? tokens, CancellationToken cancellationToken)
    {
        foreach (CohortSegment segment in _segments) await OpenOrReplaceAsync(segment, cancellationToken).ConfigureAwait(false);
        byte[] prompt = StateBytes.OfTokens(_prompt.Span);
        SegmentStepResult result = null!;
        for (int first = 0; first < _prompt.Length; first += _lead.Options.RowsPerStep)
        {
            int rows = Math.Min(_lead.Options.RowsPerStep, _prompt.Length - first);
            result = await RelayAsync(first, rows, prompt.AsMemory(first * sizeof(int), rows * sizeof(int)), cancellationToken).ConfigureAwait(false);
        }
        while (true)
        {
            int token = result.Token ?? throw new CohortException("The last segment chose no token.");
            _reply.Add(token);
            tokens?.Report(new GeneratedToken(_reply.Count - 1, token, result.Logprob, result.Stop));
            if (result.Stop is not null) return;
            result = await RelayAsync(_prompt.Length + _reply.Count - 1, 1, StateBytes.OfTokens([token]), cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task<CohortResult> FinishAsync(long started, Func<long> now, CancellationToken cancellationToken)
    {
        foreach (CohortSegment segment in _segments)
        {
            while (segment.Closing is null)
            {
                try
                {
                    var finish = new SegmentFinish
                    {
                        Upstream = segment.Index == 0 ? null : _segments[segment.Index - 1].Closing!.Statement,
                        UpstreamKey = NewUpstreamKey(segment),
                    };
                    SegmentClosing closing = await segment.Session!.FinishAsync(finish, _lead.Options.OpenDeadline, cancellationToken).ConfigureAwait(false);
                    Check(segment, closing);
                    segment.Closing = closing;
                    if (closing.Statement is not null) segment.Statements.Add(closing.Statement);
                }
                catch (SegmentException exception)
                {
                    await ReplaceAsync(segment, exception, segment.Input.Rows, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        Reply reply = new CohortReply(_lead, _order, _consumerKey, _prompt, _segments).Build(started, now());
        return new CohortResult(reply, _route, _replacements);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (CohortSegment segment in _segments)
            if (segment.Session is { } session) await session.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Sends rows through every segment and returns what the last one says.</summary>
    private async Task<SegmentStepResult> RelayAsync(int first, int rows, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        SegmentStepResult result = null!;
        foreach (CohortSegment segment in _segments)
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
    private async Task<SegmentStepResult> StepAsync(CohortSegment segment, int first, int rows, ReadOnlyMemory<int> known, CancellationToken cancellationToken)
    {
        var step = new SegmentStep
        {
            FirstPosition = first,
            Rows = rows,
            Payload = segment.Input.Range(first, rows),
            Upstream = segment.Index == 0 ? [] : CompletedBy(_segments[segment.Index - 1].Statements, first, rows),
            UpstreamKey = NewUpstreamKey(segment),
            KnownTokens = known,
        };
        SegmentStepResult result = await segment.Session!.StepAsync(step, _lead.Options.StepDeadline, cancellationToken).ConfigureAwait(false);
        bool isLast = segment.Index == _segments.Length - 1;
        if (result.Payload.Length != (isLast ? 0L : (long)rows * _lead.Config.HiddenSize * sizeof(float)))
            throw Misbehaved(segment, "The output has another size than the input asks for.");
        if (isLast && result.Token is not null && result.Stop is null && first + rows - _prompt.Length + 1 >= Order.MaxTokens)
            throw Misbehaved(segment, "It does not stop at the ordered number of tokens.");
        if (isLast && result.Token is { } token && (uint)token >= (uint)_lead.Config.VocabularySize) throw Misbehaved(segment, $"Token {token} is not in the vocabulary.");
        segment.CheckStep(Order, isLast ? default : result.Payload.Span, first + rows, result.Statements);
        return result;
    }

    private async Task OpenOrReplaceAsync(CohortSegment segment, CancellationToken cancellationToken)
    {
        try
        {
            await OpenAsync(segment, cancellationToken).ConfigureAwait(false);
        }
        catch (SegmentException exception)
        {
            await ReplaceAsync(segment, exception, 0, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task OpenAsync(CohortSegment segment, CancellationToken cancellationToken)
    {
        var opening = new SegmentOpening
        {
            Order = _order,
            ConsumerKey = _consumerKey.Bytes.ToArray(),
            PromptLength = _prompt.Length,
            Segment = segment.Index,
            Segments = _segments.Length,
            FirstLayer = segment.Layers.First,
            EndLayer = segment.Layers.End,
            Attempt = segment.Attempt,
            UpstreamKey = segment.Index == 0 ? default : _segments[segment.Index - 1].Provider.Transport.ProviderKey.Bytes.ToArray(),
        };
        segment.KnownUpstream = segment.Index == 0 ? null : _segments[segment.Index - 1].Provider;
        segment.Session = await segment.Provider.Transport.OpenAsync(opening, _lead.Options.OpenDeadline, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Finds another provider for a segment and rebuilds its cache from the logged inputs of positions [0, <paramref name="position"/>). In the exact profile what comes out must be what
    /// came out before. In the tolerance profile it may differ in the last bits, and from a provider that misbehaved it may have been anything: then every later segment starts over on
    /// the new states too, and must arrive at the tokens already handed out.
    /// </summary>
    private async Task ReplaceAsync(CohortSegment segment, SegmentException failure, int position, CancellationToken cancellationToken)
    {
        using System.Diagnostics.Activity? activity = OgongDiagnostics.Activities.StartActivity("ogong.segment.replace");
        activity?.SetTag("ogong.segment", segment.Index);
        bool trustOutput = Order.Profile.IsExact && failure.Failure != SegmentFailure.Misbehaved;
        while (true)
        {
            CohortProvider failed = segment.Provider;
            _failed.Add(failed.KeyId);
            if (_replacements.Count == _lead.Options.MaxReplacements) throw new CohortException($"{_replacements.Count} segments were replaced already; the last failure was: {failure.Message}", failure);
            segment.Provider = _lead.FindReplacement(Order, _prompt.Length, segment.Layers, _failed)
                ?? throw new CohortException($"Nobody else serves layers {segment.Layers} after the provider of segment {segment.Index} failed: {failure.Message}", failure);
            _replacements.Add(new SegmentReplacement(segment.Index, position, failed.KeyId, segment.Provider.KeyId, failure.Failure, failure.Message));
            OgongDiagnostics.SegmentReplaced();
            try
            {
                await RebuildAsync(segment, position, trustOutput, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (SegmentException again) when (again.Provider == segment.Provider.KeyId)
            {
                failure = again;
            }
        }
    }

    private async Task RebuildAsync(CohortSegment segment, int position, bool trustOutput, CancellationToken cancellationToken)
    {
        if (segment.Session is { } old) await old.DisposeAsync().ConfigureAwait(false);
        segment.Session = null;
        segment.Attempt++;
        segment.StartOver();
        await OpenAsync(segment, cancellationToken).ConfigureAwait(false);
        BoundaryLog? output = segment.Index + 1 < _segments.Length ? _segments[segment.Index + 1].Input : null;
        // Positions at or past the failure are sent again by the caller.
        if (!trustOutput) output?.Clear();
        for (int first = 0; first < position; first += _lead.Options.RowsPerStep)
        {
            int rows = Math.Min(_lead.Options.RowsPerStep, position - first);
            SegmentStepResult result = await StepAsync(segment, first, rows, KnownTokens(first, rows), cancellationToken).ConfigureAwait(false);
            if (output is null) continue;
            if (!trustOutput) output.Append(result.Payload.Span);
            else if (!result.Payload.Span.SequenceEqual(output.Range(first, rows).Span))
                throw Misbehaved(segment, $"In positions [{first}, {first + rows}) it computes other states than the provider it replaces: one of the two is wrong.");
        }
        if (trustOutput || output is null || _segments[segment.Index + 1] is not { Session: not null } next) return;
        try
        {
            await RebuildAsync(next, position, trustOutput, cancellationToken).ConfigureAwait(false);
        }
        catch (SegmentException exception) when (exception.Provider == next.Provider.KeyId)
        {
            await ReplaceAsync(next, exception, position, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Tokens already handed out that were chosen from rows [<paramref name="first"/>, first + <paramref name="rows"/>).</summary>
    private ReadOnlyMemory<int> KnownTokens(int first, int rows)
    {
        int from = Math.Clamp(first - (_prompt.Length - 1), 0, _reply.Count);
        int to = Math.Clamp(first + rows - (_prompt.Length - 1), 0, _reply.Count);
        return _reply.GetRange(from, to - from).ToArray();
    }

    private void Check(CohortSegment segment, SegmentClosing closing)
    {
        SegmentAttestation attestation = closing.Attestation.Message;
        bool isLast = segment.Index == _segments.Length - 1;
        int rest = segment.Input.Rows % CommitmentWindow.Length;
        if (closing.Statement is null != (rest == 0)) throw Misbehaved(segment, "The short last window is not signed.");
        if (closing.Statement is { } statement) segment.CheckStatement(Order, statement, segment.Input.Rows / CommitmentWindow.Length, rest);
        IReadOnlyList<Signed<BoundaryStatement>> all = closing.Statement is null ? segment.Statements : [.. segment.Statements, closing.Statement];
        Digest input = BoundaryCommitment.RootOf([.. all.Select(s => s.Message.InputHash)]);
        Digest output = isLast ? TextCommitter.RootOf(closing.TextWindows.Select(w => w.Leaf)) : BoundaryCommitment.RootOf([.. all.Select(s => s.Message.OutputHash)]);
        bool fits = closing.Attestation.IsValid(segment.Provider.Transport.ProviderKey)
            && attestation.OrderHash == Order.Hash() && attestation.ModelRoot == _lead.ModelRoot
            && attestation.Segment == segment.Index && attestation.Segments == _segments.Length
            && attestation.FirstLayer == segment.Layers.First && attestation.EndLayer == segment.Layers.End
            && attestation.Rows == segment.Input.Rows && attestation.InputRoot == input && attestation.OutputRoot == output
            && (!isLast || closing.TextWindows.SelectMany(w => w.Leaf.Tokens).SequenceEqual(_reply));
        if (!fits) throw Misbehaved(segment, "What it signs about the whole is not what it did.");
    }

    /// <summary>The key of the provider before, if the session has not been told of it yet.</summary>
    private ReadOnlyMemory<byte> NewUpstreamKey(CohortSegment segment)
    {
        if (segment.Index == 0 || ReferenceEquals(segment.KnownUpstream, _segments[segment.Index - 1].Provider)) return default;
        segment.KnownUpstream = _segments[segment.Index - 1].Provider;
        return segment.KnownUpstream.Transport.ProviderKey.Bytes.ToArray();
    }

    private static IReadOnlyList<Signed<BoundaryStatement>> CompletedBy(List<Signed<BoundaryStatement>> statements, int first, int rows)
    {
        int from = first / CommitmentWindow.Length;
        int to = Math.Min((first + rows) / CommitmentWindow.Length, statements.Count);
        return from < to ? statements.GetRange(from, to - from) : [];
    }

    private static SegmentException Misbehaved(CohortSegment segment, string message) => new(SegmentFailure.Misbehaved, segment.Provider.KeyId, message);
}
