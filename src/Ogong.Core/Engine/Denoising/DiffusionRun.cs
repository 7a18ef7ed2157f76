using Ogong.Bytes;
using Ogong.Cohorts;
using Ogong.Commitments;
using Ogong.Diffusion;
using Ogong.Models;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Engine;

/// <summary>
/// One trajectory of a cohort: step by step, a latent goes into the first segment and the next one comes out of the last. A segment that changes hands in the exact profile goes on where it was, after
/// the new provider has shown on the last step that it computes the same.
/// </summary>
internal sealed class DiffusionRun : CohortRun<DiffusionSegment>
{
    private readonly DenoiserLead _lead;
    private readonly Signed<DiffusionOrder> _order;
    private readonly HybridPublicKey _consumerKey;
    private readonly Conditioning _conditioning;
    private readonly Route _route;
    private byte[] _next; // The latent after the steps that every segment has run.

    public DiffusionRun(DenoiserLead lead, CohortPool pool, CohortJob job, Signed<DiffusionOrder> order, HybridPublicKey consumerKey, Conditioning conditioning, Route route)
        : base(pool, job, lead.Retention, SegmentsOf(lead.Config, pool, order.Message, route))
    {
        (_lead, _order, _consumerKey, _conditioning, _route) = (lead, order, consumerKey, conditioning, route);
        long states = (Segments.Length - 1L) * StateCount(lead.Config, Order) * sizeof(float), latent = Order.Shape.Count * (long)sizeof(float), file = FileBytes(states, latent);
        if (file > ReplyReader.DefaultMaxBytes)
            throw new CohortException($"The trajectory's file may take {file} bytes, {ReplyReader.DefaultMaxBytes} at most are read. A longer stride keeps fewer latents; without opened boundaries there are no states in it.");
        RequireRoom(file + (Order.Steps * (states + latent)));
        _next = StateBytes.LittleEndian(Order.CreateInitialLatent()).ToArray();
    }

    private DiffusionOrder Order => _order.Message;

    public async Task<TrajectoryResult> RunAsync(long started, Func<long> now, IProgress<int>? steps, CancellationToken cancellationToken)
    {
        await OpenAllAsync(0, cancellationToken).ConfigureAwait(false);
        for (int step = 0; step < Order.Steps; step++)
        {
            await RelayAsync(step, cancellationToken).ConfigureAwait(false);
            steps?.Report(step + 1);
        }
        await CloseAsync(cancellationToken).ConfigureAwait(false);
        TrajectoryReply reply = new DiffusionReply(_lead, _order, _consumerKey, _conditioning, Segments, LatentAt).Build(started, now());
        Retain(reply);
        return new TrajectoryResult(reply, _route, Replacements);
    }

    // A ring: the first segment reads what the last one left.
    protected override DiffusionSegment UpstreamOf(DiffusionSegment segment) => Segments[segment.Index == 0 ? ^1 : segment.Index - 1];

    protected override SegmentOpening Opening(DiffusionSegment segment) => new DiffusionOpening
    {
        Place = PlaceOf(segment),
        Order = _order,
        ConsumerKey = _consumerKey.Bytes.ToArray(),
        Conditioning = _conditioning,
        Earlier = [.. segment.Statements],
        EarlierKeys = [.. segment.Signers.DistinctBy(key => new Digest(key.KeyId)).Select(key => (ReadOnlyMemory<byte>)key.Bytes.ToArray())],
        Latent = segment.IsLast && segment.Statements.Count > 0 ? LatentAt(segment.Statements.Count) : default,
    };

    protected override IReadOnlyList<Signed<BoundaryStatement>> UpstreamStatements(DiffusionSegment segment, int first, int rows)
    {
        int step = UpstreamStep(segment, first);
        return step < 0 ? [] : [UpstreamOf(segment).Statements[step]];
    }

    // The statement may be one of a provider that has been replaced since.
    protected override HybridPublicKey? UpstreamKey(DiffusionSegment segment, int first) => UpstreamOf(segment).Signers.ElementAtOrDefault(UpstreamStep(segment, first));

    protected override async Task TakeOverAsync(DiffusionSegment segment, int position, bool trusted, CancellationToken cancellationToken)
    {
        bool isExact = Order.Profile.IsExact;
        if (!trusted)
        {
            // What it signed before may have been anything, and every later step of everybody follows from it.
            await StartOverAsync(0, segment, position, cancellationToken).ConfigureAwait(false);
        }
        else if (!isExact && position == Order.Steps)
        {
            // Somebody must attest who ran a step, and whose last bits may differ.
            await StartOverAsync(position - 1, segment, position, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            int first = isExact ? Math.Max(0, position - 1) : position;
            segment.Forget(first);
            await ReopenAsync(segment, cancellationToken).ConfigureAwait(false);
            if (first < position) await ShowAsync(segment, first, cancellationToken).ConfigureAwait(false);
        }
    }

    protected override void Check(DiffusionSegment segment, SegmentClosing closing)
    {
        SegmentAttestation attestation = closing.Attestation.Message;
        bool fits = segment.IsOwn(closing.Attestation, Order.Hash(), _lead.ModelRoot, Segments.Length)
            && attestation.Layers == _lead.Config.Layers && attestation.Width == _lead.Config.Width && attestation.SketchRoot.IsZero
            && attestation.InputRoot == BoundaryCommitment.RootOf([.. segment.Statements.Select(s => s.Message.InputHash)])
            && attestation.OutputRoot == BoundaryCommitment.RootOf([.. segment.Statements.Select(s => s.Message.OutputHash)])
            && attestation.WorkUnits == DenoiserWork.UnitsOf(_lead.Config, segment.Layers, Order, Order.Steps - segment.Foreign)
            && attestation.StopReason == (segment.IsLast ? StopReason.AllSteps : null)
            && closing.Statement is null && closing.Sketches.Count == 0 && closing.TextWindows.Count == 0;
        if (!fits) throw segment.Misbehaved("What it signs about the whole is not what it did.");
    }

    private static int UpstreamStep(DiffusionSegment segment, int step) => segment.Index == 0 ? step - 1 : step;

    private async Task RelayAsync(int step, CancellationToken cancellationToken) =>
        _next = (await RelayAsync(step, 1, _next, Segments.Length, cancellationToken).ConfigureAwait(false)).Payload.ToArray();

    /// <summary>The latent x_<paramref name="step"/>.</summary>
    private ReadOnlyMemory<byte> LatentAt(int step) => step < Segments[0].Input.Rows ? Segments[0].Input.Range(step, 1) : _next;

    /// <summary>Has a new provider run the last step of the one it replaces: in the exact profile every sound one computes the same.</summary>
    private async Task ShowAsync(DiffusionSegment segment, int step, CancellationToken cancellationToken)
    {
        SegmentStepResult result = await StepAsync(segment, step, 1, default, cancellationToken).ConfigureAwait(false);
        ReadOnlyMemory<byte> before = segment.IsLast ? LatentAt(step + 1) : Segments[segment.Index + 1].Input.Range(step, 1);
        if (!result.Payload.Span.SequenceEqual(before.Span))
            throw segment.Misbehaved($"In step {step} it computes something else than the provider it replaces: one of the two is wrong.");
    }

    /// <summary>Everybody runs the steps from <paramref name="from"/> on again, up to where <paramref name="segment"/> is to take step <paramref name="position"/>.</summary>
    private async Task StartOverAsync(int from, DiffusionSegment segment, int position, CancellationToken cancellationToken)
    {
        _next = LatentAt(from).ToArray();
        foreach (DiffusionSegment one in Segments)
        {
            one.Forget(from);
            one.Input.Truncate(Math.Min(from, one.Input.Rows));
            await EndAsync(one).ConfigureAwait(false);
        }
        await OpenAllAsync(from, cancellationToken).ConfigureAwait(false);
        for (int step = from; step < position; step++) await RelayAsync(step, cancellationToken).ConfigureAwait(false);
        if (position == Order.Steps) return;
        // The step in progress, as far as it had come.
        ReadOnlyMemory<byte> input = _next;
        if (segment.Index > 0) input = (await RelayAsync(position, 1, _next, segment.Index, cancellationToken).ConfigureAwait(false)).Payload;
        segment.Input.Append(input.Span);
    }

    /// <summary>Most bytes of the file: committed latents, opened states, and per step and segment a statement with another signer's key.</summary>
    private long FileBytes(long states, long latent)
    {
        long perStep = (Options.OpenBoundaries ? states : 0) + (Segments.Length * (HybridSignature.Size + HybridPublicKey.Size + 512L));
        return (Order.Steps * perStep) + (CommittedSteps.Of(Order).Count * (latent + 64)) + ((Segments.Length + 4) * 8192L) + ((long)_conditioning.Tokens * _conditioning.Width * 2 * sizeof(float));
    }

    private void Retain(TrajectoryReply reply)
    {
        Digest order = Order.Hash();
        foreach (DiffusionSegment segment in Segments)
            for (int step = 0; step < Order.Steps; step++)
                Retain(new RetentionKey(order, RetainedKind.BoundaryWindow, segment.Layers.First, step), segment.Input.Range(step, 1).Span);
        using var stream = new MemoryStream();
        reply.WriteTo(stream);
        Retain(new RetentionKey(order, RetainedKind.Reply), stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }

    private static int StateCount(DenoiserConfig config, DiffusionOrder order) => checked(order.Branches * config.Tokens * config.Width);

    private static DiffusionSegment[] SegmentsOf(DenoiserConfig config, CohortPool pool, DiffusionOrder order, Route route)
    {
        int stateCount = StateCount(config, order);
        // Logs are kept in memory, each in one piece.
        if ((long)order.Steps * Math.Max(stateCount, order.Shape.Count) * sizeof(float) > Array.MaxLength)
            throw new CohortException($"The boundary states of {order.Steps} steps are too many to be kept.");
        return [.. route.Segments.Select((offer, i) => new DiffusionSegment(
            order.Hash(), order, config.Width, stateCount, i, new LayerRange(offer.First, offer.End), offer.End == config.Layers, pool.Provider(offer.Provider)))];
    }
}
