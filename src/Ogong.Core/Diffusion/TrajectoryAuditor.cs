using System.Collections.Immutable;
using Ogong.Audit;
using Ogong.Bytes;
using Ogong.Commitments;
using Ogong.Records;

namespace Ogong.Diffusion;

/// <summary>
/// Audits trajectories. First everything that signatures and hashes decide, down to the initial noise, which needs no model; then the drawn transitions, each replayed from its committed latent, the
/// last one always among them. In every replayed step the first segment whose inputs were right and whose outputs are wrong is at fault. Thread-safe if the replayer is.
/// </summary>
public sealed class TrajectoryAuditor
{
    private readonly IStepReplayer replayer;

    /// <summary>Audits with one model.</summary>
    public TrajectoryAuditor(IStepReplayer replayer)
    {
        ArgumentNullException.ThrowIfNull(replayer);
        this.replayer = replayer;
    }

    /// <summary>Makes only the checks that need no model; an Accept says that the papers are in order, not that the work was done.</summary>
    public static Verdict CheckPapers(TrajectoryReply reply, IReplayGuard? replayGuard = null)
    {
        ArgumentNullException.ThrowIfNull(reply);
        var trail = new AuditTrail(reply.Record.Message.Hash());
        new TrajectoryChecks(reply, trail).Run(replayGuard);
        return trail.ToVerdict();
    }

    /// <summary>
    /// The transitions (<see cref="CommittedSteps"/>) that a beacon value draws, ascending: <paramref name="count"/> of them, drawn without replacement as <see cref="AuditDraw.Steps"/> does, and the
    /// last one.
    /// </summary>
    public static ImmutableArray<int> Draw(TrajectoryReply reply, Digest beacon, int count)
    {
        ArgumentNullException.ThrowIfNull(reply);
        return Draw(CommittedSteps.Of(reply.Order.Message), beacon, reply.Record.Message.Hash(), count);
    }

    /// <summary>
    /// The steps whose latents an audit of these transitions needs and the file omits, ascending: what a verifier asks the provider to open. In the exact tier it may do without, at the cost of
    /// running every step before.
    /// </summary>
    public static ImmutableArray<int> Missing(TrajectoryReply reply, Digest beacon, int count)
    {
        ImmutableArray<int> drawn = Draw(reply, beacon, count);
        IEnumerable<int> needed = reply.Order.Message.Profile.IsExact ? drawn : drawn.SelectMany(i => new[] { i, i + 1 });
        return [.. needed.Distinct().Where(i => i > 0 && reply.Latents[i].Latent.IsEmpty).Select(i => reply.Latents[i].Step)];
    }

    /// <summary>Audits drawn transitions of a trajectory.</summary>
    /// <param name="reply">The trajectory.</param>
    /// <param name="beacon">Randomness published after the record; draws the transitions and the layers of the work proofs.</param>
    /// <param name="count">Transitions to draw; the last one is replayed besides. With as many as there are, every step is replayed.</param>
    /// <param name="replayGuard">Remembers records; null where replays are looked for elsewhere.</param>
    /// <param name="openings">Latents that the file omits, as the provider opened them.</param>
    /// <param name="cancellationToken">Stops the replay.</param>
    public async Task<Verdict> AuditAsync(
        TrajectoryReply reply, Digest beacon, int count, IReplayGuard? replayGuard = null, IReadOnlyCollection<LatentOpening>? openings = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reply);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var trail = new AuditTrail(reply.Record.Message.Hash());
        if (!Papers(reply, trail, replayGuard, openings, out LatentStore? latents)) return trail.ToVerdict();
        using var steps = new StepAudit(reply, latents, replayer, trail, beacon, cancellationToken);
        ImmutableArray<int> drawn = Draw(reply, beacon, count);
        bool passed = reply.Order.Message.Profile.IsExact
            ? await ExactAsync(reply, drawn, latents, steps).ConfigureAwait(false)
            : await FastAsync(reply, drawn, latents, steps, trail).ConfigureAwait(false);
        if (passed && await steps.PooledAsync().ConfigureAwait(false)) steps.Prove();
        return trail.ToVerdict();
    }

    /// <summary>
    /// Audits one segment alone, from its committed inputs, in the first step of every drawn transition. In the tolerance tier the last segment's output is a latent, so the order must commit to every
    /// one of them (stride 1).
    /// </summary>
    /// <exception cref="ArgumentException">There is no such segment, or it is the last one of a tolerance-tier order with a longer stride.</exception>
    /// <inheritdoc cref="AuditAsync"/>
    public async Task<Verdict> AuditSegmentAsync(
        TrajectoryReply reply, int segment, Digest beacon, int count, IReplayGuard? replayGuard = null, IReadOnlyCollection<LatentOpening>? openings = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reply);
        ArgumentOutOfRangeException.ThrowIfNegative(segment);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(segment, reply.Segments.Count);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        DiffusionOrder order = reply.Order.Message;
        bool isLast = segment == reply.Segments.Count - 1;
        if (isLast && !order.Profile.IsExact && order.Stride > 1) throw new ArgumentException("The latent after a single step is not committed.", nameof(segment));
        var trail = new AuditTrail(reply.Record.Message.Hash());
        if (!Papers(reply, trail, replayGuard, openings, out LatentStore? latents)) return trail.ToVerdict();
        using var steps = new StepAudit(reply, latents, replayer, trail, beacon, cancellationToken);
        bool passed = true;
        foreach (int transition in Draw(reply, beacon, count))
        {
            int step = reply.Latents[transition].Step;
            (ReadOnlyMemory<float> before, ReadOnlyMemory<float> after) = (latents.Find(step), isLast && !order.Profile.IsExact ? latents.Find(step + 1) : default);
            bool opened = (segment == 0 || !reply.Segments[segment].Steps[step].OpenedInput.IsEmpty)
                && (order.Profile.IsExact || isLast || !reply.Segments[segment + 1].Steps[step].OpenedInput.IsEmpty)
                && ((segment > 0 && !isLast) || !before.IsEmpty) && (!isLast || order.Profile.IsExact || !after.IsEmpty);
            passed = Opened(reply, trail, opened, step, segment) && await steps.RunSegmentAsync(segment, step, before, after).ConfigureAwait(false);
            if (!passed) break;
        }
        if (passed && await steps.PooledAsync().ConfigureAwait(false)) steps.Prove();
        return trail.ToVerdict();
    }

    internal static ImmutableArray<int> Draw(CommittedSteps committed, Digest beacon, Digest recordHash, int count)
    {
        int last = committed.Transitions - 1;
        return [.. BeaconDraw.Distinct(beacon, recordHash, AuditDraw.StepsPurpose, count, last + 1).Append(last).Distinct()];
    }

    // Hashes of every replayed step are at hand, so nothing needs to be opened: a latent that is missing is computed from the nearest one before it.
    private static async Task<bool> ExactAsync(TrajectoryReply reply, ImmutableArray<int> drawn, LatentStore latents, StepAudit steps)
    {
        (int at, ReadOnlyMemory<float> latent) = latents.NearestBefore(0);
        foreach (int transition in drawn)
        {
            (int from, int to) = (reply.Latents[transition].Step, reply.Latents[transition + 1].Step);
            (int nearest, ReadOnlyMemory<float> opened) = latents.NearestBefore(from);
            if (nearest > at) (at, latent) = (nearest, opened);
            foreach ((int end, bool proves) in new[] { (from, false), (to, true) })
            {
                if (await steps.RunAsync(at, end, latent, proves).ConfigureAwait(false) is not { } reached) return false;
                (at, latent) = (end, reached);
            }
        }
        return true;
    }

    // Computing a latent from afar would add up drift, so both ends of a transition must be opened.
    private static async Task<bool> FastAsync(TrajectoryReply reply, ImmutableArray<int> drawn, LatentStore latents, StepAudit steps, AuditTrail trail)
    {
        foreach (int transition in drawn)
        {
            (int from, int to) = (reply.Latents[transition].Step, reply.Latents[transition + 1].Step);
            (ReadOnlyMemory<float> before, ReadOnlyMemory<float> after) = (latents.Find(from), latents.Find(to));
            if (!Opened(reply, trail, !before.IsEmpty && !after.IsEmpty, from, null)
                || await steps.RunAsync(from, to, before, proves: true).ConfigureAwait(false) is not { } reached
                || !await steps.CloseAsync(new StepRun(from, to), before, after, reached).ConfigureAwait(false))
                return false;
        }
        return true;
    }

    private static bool Opened(TrajectoryReply reply, AuditTrail trail, bool opened, int step, int? segment) =>
        trail.Require(opened, AuditCheck.Openings, "what a drawn step needs is not opened", new Offender(OffenderRole.Holder, segment, reply.Record.Message.ProviderKeyId), segment, step: step);

    private bool Papers(TrajectoryReply reply, AuditTrail trail, IReplayGuard? guard, IReadOnlyCollection<LatentOpening>? openings, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out LatentStore? latents)
    {
        latents = null;
        var checks = new TrajectoryChecks(reply, trail);
        if (!checks.Run(guard)) return false;
        latents = new LatentStore(checks.InitialLatent!, reply.Latents);
        DiffusionOrder order = reply.Order.Message;
        foreach (LatentOpening opening in openings ?? [])
        {
            bool committed = opening.IsCommitted(order, reply.Record.Message.TrajectoryRoot);
            if (!trail.Require(committed, AuditCheck.Openings, "a supplied latent is not the committed one", PaperChecks.Anybody(), step: opening.Step)) return false;
            latents.Add(opening.Step, opening.Latent);
        }
        return Model(reply, trail);
    }

    // Nobody is accused for a model the verifier does not hold.
    private bool Model(TrajectoryReply reply, AuditTrail trail)
    {
        DiffusionOrder order = reply.Order.Message;
        SegmentAttestation first = reply.Segments[0].Attestation.Message;
        var papers = new PaperChecks(trail, reply.Record.Message.ProviderKeyId);
        return trail.Require(order.ModelRoot == replayer.ModelRoot, AuditCheck.Model, "the trajectory is of another model than the verifier's", null)
            && trail.Require(first.Layers == replayer.Layers && first.Width == replayer.Width, AuditCheck.Model, "the attestations state another shape than the model's", papers.Lead)
            && trail.Require(replayer.Objection(order, reply.Conditioning) is null, AuditCheck.Model, "the model cannot run the order", papers.Lead)
            && reply.Segments.Skip(1).All(s => Rows(s, reply, trail))
            && reply.Segments.All(s => WorkUnits(s, reply, papers, trail));
    }

    // States of another size than the model's are no result of it: the producer signed that it handed them on.
    private bool Rows(TrajectorySegment segment, TrajectoryReply reply, AuditTrail trail)
    {
        SegmentAttestation a = segment.Attestation.Message;
        int count = replayer.StateCount(reply.Order.Message);
        StepBoundary? other = segment.Steps.FirstOrDefault(s => !s.OpenedInput.IsEmpty && s.OpenedInput.Length != count);
        Offender? producer = other is null ? null : TrajectoryChecks.ProviderOf(reply.Segments[a.Segment - 1], other.Step);
        return trail.Require(other is null, AuditCheck.BoundaryStates, "the states of a step have another size than the model's", producer, a.Segment - 1, step: other?.Step);
    }

    // An attestation bills the steps that its provider ran, the last ones; who billed them cannot be blamed for the others, whatever a file says about those.
    private bool WorkUnits(TrajectorySegment segment, TrajectoryReply reply, PaperChecks papers, AuditTrail trail)
    {
        SegmentAttestation a = segment.Attestation.Message;
        int steps = reply.Order.Message.Steps, own = segment.Steps.Count(s => s.ProviderKey.IsEmpty);
        ulong whole = replayer.WorkUnits(a.FirstLayer, a.EndLayer, reply.Order.Message, reply.Conditioning);
        UInt128 billed = (UInt128)a.WorkUnits * (uint)steps;
        return trail.Require(
                Enumerable.Range(1, steps).Any(count => billed == (UInt128)whole * (uint)count), AuditCheck.WorkUnits, "a segment bills other work units than its layers' in some of the steps", PaperChecks.Provider(a), a.Segment)
            && trail.Require(billed == (UInt128)whole * (uint)own, AuditCheck.WorkUnits, "a segment bills other steps than those that nobody else signed for", papers.Holder(a.Segment), a.Segment);
    }
}
