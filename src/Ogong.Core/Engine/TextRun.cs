using Ogong.Bytes;
using Ogong.Cohorts;
using Ogong.Commitments;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Engine;

/// <summary>One text reply of a cohort: feeds the prompt and each chosen token, and rebuilds the cache of a segment that changes hands.</summary>
internal sealed class TextRun : CohortRun<TextSegment>
{
    private readonly CohortLead _lead;
    private readonly Signed<Order> _order;
    private readonly HybridPublicKey _consumerKey;
    private readonly ReadOnlyMemory<int> _prompt;
    private readonly Route _route;
    private readonly List<int> _reply = [];

    public TextRun(CohortLead lead, CohortPool pool, CohortJob job, Signed<Order> order, HybridPublicKey consumerKey, ReadOnlyMemory<int> prompt, Route route)
        : base(pool, job, lead.Retention, SegmentsOf(lead, pool, order.Message, prompt.Length, route))
    {
        (_lead, _order, _consumerKey, _prompt, _route) = (lead, order, consumerKey, prompt, route);
        RequireRoom(RoomFor(prompt.Length + order.Message.MaxTokens, lead.Config.HiddenSize * sizeof(float)));
    }

    private Order Order => _order.Message;

    public async Task GenerateAsync(IProgress<GeneratedToken>? tokens, CancellationToken cancellationToken)
    {
        await OpenAllAsync(0, cancellationToken).ConfigureAwait(false);
        byte[] prompt = StateBytes.OfTokens(_prompt.Span);
        SegmentStepResult result = null!;
        for (int first = 0; first < _prompt.Length; first += Options.RowsPerStep)
        {
            int rows = Math.Min(Options.RowsPerStep, _prompt.Length - first);
            result = await RelayAsync(first, rows, prompt.AsMemory(first * sizeof(int), rows * sizeof(int)), Segments.Length, cancellationToken).ConfigureAwait(false);
        }
        while (true)
        {
            int token = result.Token ?? throw new CohortException("The last segment chose no token.");
            _reply.Add(token);
            tokens?.Report(new GeneratedToken(_reply.Count - 1, token, result.Logprob, result.Stop));
            if (result.Stop is not null) return;
            result = await RelayAsync(_prompt.Length + _reply.Count - 1, 1, StateBytes.OfTokens([token]), Segments.Length, cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task<CohortResult> FinishAsync(long started, Func<long> now, CancellationToken cancellationToken)
    {
        await CloseAsync(cancellationToken).ConfigureAwait(false);
        Reply reply = new CohortReply(_lead, _order, _consumerKey, _prompt, Segments).Build(started, now());
        Retain(reply);
        return new CohortResult(reply, _route, Replacements);
    }

    protected override TextSegment? UpstreamOf(TextSegment segment) => segment.Index == 0 ? null : Segments[segment.Index - 1];

    protected override SegmentOpening Opening(TextSegment segment) => new TextOpening
    {
        Place = PlaceOf(segment),
        Order = _order,
        ConsumerKey = _consumerKey.Bytes.ToArray(),
        PromptLength = _prompt.Length,
    };

    protected override IReadOnlyList<Signed<BoundaryStatement>> UpstreamStatements(TextSegment segment, int first, int rows)
    {
        if (UpstreamOf(segment)?.Statements is not { } statements) return [];
        int from = first / CommitmentWindow.Length;
        int to = Math.Min((first + rows) / CommitmentWindow.Length, statements.Count);
        return from < to ? statements.GetRange(from, to - from) : [];
    }

    /// <summary>
    /// Rebuilds the cache from the logged inputs of positions [0, <paramref name="position"/>). In the exact profile what comes out must be what came out before. In the tolerance profile it may
    /// differ in the last bits, and from a provider that misbehaved it may have been anything: then every later segment starts over on the new states too, and must arrive at the tokens already
    /// handed out.
    /// </summary>
    protected override Task TakeOverAsync(TextSegment segment, int position, bool trusted, CancellationToken cancellationToken) =>
        RebuildAsync(segment, position, trusted && Order.Profile.IsExact, cancellationToken);

    protected override void Check(TextSegment segment, SegmentClosing closing)
    {
        SegmentAttestation attestation = closing.Attestation.Message;
        int rest = segment.Input.Rows % CommitmentWindow.Length;
        if (closing.Statement is null != (rest == 0)) throw segment.Misbehaved("The short last window is not signed.");
        if (closing.Statement is { } statement) segment.CheckStatement(statement, segment.Input.Rows / CommitmentWindow.Length, rest);
        IReadOnlyList<Signed<BoundaryStatement>> all = closing.Statement is null ? segment.Statements : [.. segment.Statements, closing.Statement];
        Digest input = BoundaryCommitment.RootOf([.. all.Select(s => s.Message.InputHash)]);
        Digest output = segment.IsLast ? TextCommitter.RootOf(closing.TextWindows.Select(w => w.Leaf)) : BoundaryCommitment.RootOf([.. all.Select(s => s.Message.OutputHash)]);
        bool fits = segment.IsOwn(closing.Attestation, Order.Hash(), _lead.ModelRoot, Segments.Length)
            && attestation.InputRoot == input && attestation.OutputRoot == output
            && (!segment.IsLast || closing.TextWindows.SelectMany(w => w.Leaf.Tokens).SequenceEqual(_reply));
        if (!fits) throw segment.Misbehaved("What it signs about the whole is not what it did.");
        if (closing.Statement is not null) segment.Statements.Add(closing.Statement);
    }

    private static TextSegment[] SegmentsOf(CohortLead lead, CohortPool pool, Order order, int promptLength, Route route)
    {
        var segments = new TextSegment[route.Segments.Count];
        for (int i = 0; i < segments.Length; i++)
        {
            RouteOffer offer = route.Segments[i];
            segments[i] = new TextSegment(
                order, promptLength, i, new LayerRange(offer.First, offer.End), lead.Config, pool.Provider(offer.Provider), i == 0 ? null : segments[i - 1]);
        }
        return segments;
    }

    /// <summary>Most bytes the boundaries and the file of a reply of so many positions take: the states once or, opened in the file, twice; a statement with its signature and the retention format's own bytes per window.</summary>
    private long RoomFor(long positions, int stateBytes)
    {
        long states = positions * (sizeof(int) + ((Segments.Length - 1L) * stateBytes));
        long windows = (positions / CommitmentWindow.Length) + 1;
        long sketches = positions * Segments.Length * Order.Profile.Sketch.BytesPerRow;
        long tokens = positions * (sizeof(int) + (8L * Order.Profile.TopK));
        return (states * (Options.OpenBoundaries ? 2 : 1)) + sketches + tokens + (windows * Segments.Length * (HybridSignature.Size + 512)) + ((Segments.Length + 4) * 8192L);
    }

    private async Task RebuildAsync(TextSegment segment, int position, bool trustOutput, CancellationToken cancellationToken)
    {
        segment.StartOver();
        await ReopenAsync(segment, cancellationToken).ConfigureAwait(false);
        BoundaryLog? output = segment.Index + 1 < Segments.Length ? Segments[segment.Index + 1].Input : null;
        // Positions at or past the failure are sent again by the caller.
        if (!trustOutput) output?.Clear();
        for (int first = 0; first < position; first += Options.RowsPerStep)
        {
            int rows = Math.Min(Options.RowsPerStep, position - first);
            SegmentStepResult result = await StepAsync(segment, first, rows, KnownTokens(first, rows), cancellationToken).ConfigureAwait(false);
            if (output is null) continue;
            if (!trustOutput) output.Append(result.Payload.Span);
            else if (!result.Payload.Span.SequenceEqual(output.Range(first, rows).Span))
                throw segment.Misbehaved($"In positions [{first}, {first + rows}) it computes other states than the provider it replaces: one of the two is wrong.");
        }
        if (trustOutput || output is null || Segments[segment.Index + 1] is not { Session: not null } next) return;
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

    private void Retain(Reply reply)
    {
        Digest order = Order.Hash();
        foreach (TextSegment segment in Segments)
            for (int window = 0; window < CommitmentWindow.Count(segment.Input.Rows); window++)
                Retain(new RetentionKey(order, RetainedKind.BoundaryWindow, segment.Layers.First, window), segment.InputOf(window).Span);
        using var stream = new MemoryStream();
        reply.WriteTo(stream);
        Retain(new RetentionKey(order, RetainedKind.Reply), stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }
}
