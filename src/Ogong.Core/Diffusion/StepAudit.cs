using Ogong.Audit;
using Ogong.Bytes;
using Ogong.Records;

namespace Ogong.Diffusion;

/// <summary>Replays steps of one trajectory and compares them with what was committed. Each comparison returns false once the trail has rejected.</summary>
internal sealed class StepAudit : IDisposable
{
    private readonly TrajectoryReply reply;
    private readonly DiffusionOrder order;
    private readonly IStepReplayer replayer;
    private readonly AuditTrail trail;
    private readonly CancellationToken cancellationToken;
    private readonly SegmentAttestation[] attestations;
    private readonly WorkHasher[] work;
    private readonly DistancePool[] states; // Per boundary, in the tolerance tier.
    private readonly DistancePool changes = new();
    private readonly ToleranceOffenders offenders;

    public StepAudit(TrajectoryReply reply, LatentStore latents, IStepReplayer replayer, AuditTrail trail, Digest beacon, CancellationToken cancellationToken)
    {
        offenders = new ToleranceOffenders(reply, latents, replayer, cancellationToken);
        (this.reply, this.replayer, this.trail, this.cancellationToken) = (reply, replayer, trail, cancellationToken);
        order = reply.Order.Message;
        attestations = [.. reply.Segments.Select(s => s.Attestation.Message)];
        states = [.. attestations.Skip(1).Select(_ => new DistancePool())];
        Digest recordHash = reply.Record.Message.Hash();
        work = [.. attestations.Select(a => new WorkHasher(beacon, WorkHasher.DrawLayer(a, beacon, recordHash)))];
    }

    private bool IsExact => order.Profile.IsExact;

    private int LastSegment => attestations.Length - 1;

    private IReadOnlyList<StepBoundary> LastSteps => reply.Segments[^1].Steps;

    private Offender ProviderOf(int segment, int step) => TrajectoryChecks.ProviderOf(reply.Segments[segment], step);

    // Where no boundary says which segment: the only provider, or the lead who answers for its cohort.
    private Offender CulpableIn(int step) => attestations.Length == 1 ? ProviderOf(0, step) : new Offender(OffenderRole.Lead, null, reply.Record.Message.ProviderKeyId);

    /// <summary>Replays steps from, …, to − 1 from a latent that is right, and compares every one of them. Null once the trail has rejected, else x_to as recomputed.</summary>
    /// <param name="from">First step.</param>
    /// <param name="to">One past the last step.</param>
    /// <param name="latent">x_from.</param>
    /// <param name="proves">Whether the steps enter the proof of work.</param>
    public async ValueTask<ReadOnlyMemory<float>?> RunAsync(int from, int to, ReadOnlyMemory<float> latent, bool proves)
    {
        int layers = replayer.Layers;
        int[] boundaries = [.. attestations.SkipLast(1).Select(a => a.EndLayer - 1)];
        int[] wanted = [.. boundaries.Concat(proves ? work.Select(w => w.Layer) : []).Distinct().Order()];
        for (int step = from; step < to; step++)
        {
            var task = new StepReplayTask
            {
                Order = order,
                Conditioning = reply.Conditioning,
                Step = step,
                Latent = latent,
                FirstLayer = 0,
                EndLayer = layers,
                StatesAfter = [.. wanted],
            };
            StepReplay? replay = await ReplayAsync(task, CulpableIn(step)).ConfigureAwait(false);
            if (replay is null) return null;
            if (replay.Latent.Length != order.Shape.Count || replay.States.Count != wanted.Length) throw new ArgumentException("The replay has another size than the step.");
            for (int k = 0; k < boundaries.Length; k++)
                if (!await StatesAsync(k, step, replay.States[Array.IndexOf(wanted, boundaries[k])]).ConfigureAwait(false)) return null;
            if (proves)
                foreach (WorkHasher hasher in work) hasher.Append(replay.States[Array.IndexOf(wanted, hasher.Layer)].Span);
            latent = replay.Latent;
            if (IsExact && !Equal(step, latent.Span)) return null;
        }
        return latent;
    }

    /// <summary>Replays one segment's layers of a step from its committed and opened inputs.</summary>
    public async ValueTask<bool> RunSegmentAsync(int k, int step, ReadOnlyMemory<float> latent, ReadOnlyMemory<float> next)
    {
        SegmentAttestation a = attestations[k];
        int[] wanted = [.. new[] { work[k].Layer }.Concat(a.IsLast ? [] : [a.EndLayer - 1]).Distinct().Order()];
        var task = new StepReplayTask
        {
            Order = order,
            Conditioning = reply.Conditioning,
            Step = step,
            Latent = latent,
            FirstLayer = a.FirstLayer,
            EndLayer = a.EndLayer,
            InputStates = reply.Segments[k].Steps[step].OpenedInput,
            StatesAfter = [.. wanted],
        };
        StepReplay? replay = await ReplayAsync(task, ProviderOf(k, step)).ConfigureAwait(false);
        if (replay is null) return false;
        if (replay.States.Count != wanted.Length || replay.Latent.Length != (a.IsLast ? order.Shape.Count : 0)) throw new ArgumentException("The replay has another size than the step.");
        work[k].Append(replay.States[Array.IndexOf(wanted, work[k].Layer)].Span);
        if (!a.IsLast) return await StatesAsync(k, step, replay.States[^1]).ConfigureAwait(false);
        return IsExact ? Equal(step, replay.Latent.Span) : await CloseAsync(StepRun.Of(step), latent, next, replay.Latent).ConfigureAwait(false);
    }

    /// <summary>The tolerance tier's comparison of one transition: the committed change against the recomputed one.</summary>
    public ValueTask<bool> CloseAsync(StepRun run, ReadOnlyMemory<float> start, ReadOnlyMemory<float> committed, ReadOnlyMemory<float> recomputed)
    {
        LatentDistance distance = LatentDistance.OfChange(start.Span, committed.Span, recomputed.Span);
        changes.Add(run, distance);
        float band = order.Profile.Bands!.Change;
        string steps = run.To - run.From == 1 ? $"step {run.From}" : $"steps {run.From} to {run.To - 1}";
        return MeasureAsync(
            new AuditFigure(AuditCheck.Steps, "relative L2 distance of the change that the steps make", distance.Relative, band, LastSegment, Step: run.To - 1), LastSegment, [run],
            $"{AuditCheck.Steps}: the change of the latent in {steps} is {distance.Relative:G4} away from what the model computes, more than {band:G4}.");
    }

    /// <summary>The tolerance tier's comparison over all steps of the audit, in which small distances that no single step shows add up.</summary>
    public async ValueTask<bool> PooledAsync()
    {
        if (order.Profile.Bands is not { } bands) return true;
        for (int k = 0; k < states.Length; k++)
        {
            if (states[k].Runs.Count == 0) continue;
            (double distance, int worst) = states[k].Measure();
            var figure = new AuditFigure(AuditCheck.BoundaryStates, "relative L2 distance of the states pooled over the steps", distance, bands.CalibratedStates ?? bands.States, k, Step: worst);
            string why = $"{figure.Check}: over the steps replayed, the states after segment {k} are {distance:G4} away, more than {figure.Threshold:G4}.";
            if (!await MeasureAsync(figure, k, states[k].Runs, why).ConfigureAwait(false)) return false;
        }
        if (changes.Runs.Count == 0) return true;
        (double change, int step) = changes.Measure();
        var pooled = new AuditFigure(AuditCheck.Steps, "relative L2 distance of the changes pooled over the steps", change, bands.CalibratedChange ?? bands.Change, LastSegment, Step: step);
        return await MeasureAsync(
            pooled, LastSegment, changes.Runs, $"{pooled.Check}: over the steps replayed, the changes of the latent are {change:G4} away from what the model computes, more than {pooled.Threshold:G4}.")
            .ConfigureAwait(false);
    }

    /// <summary>The proofs of work, one per segment that was run.</summary>
    public void Prove()
    {
        for (int k = 0; k < work.Length; k++)
            if (work[k].Count > 0) trail.Prove(new WorkProof(k, work[k].Layer, work[k].Finish()));
    }

    public void Dispose()
    {
        foreach (WorkHasher hasher in work) hasher.Dispose();
    }

    private async ValueTask<StepReplay?> ReplayAsync(StepReplayTask task, Offender offender)
    {
        bool finite = true;
        StepReplay? replay = null;
        try
        {
            replay = await replayer.ReplayAsync(task, cancellationToken).ConfigureAwait(false);
        }
        catch (ArithmeticException)
        {
            finite = false; // No provider can have computed it either: a value that is not finite is never a result.
        }
        return trail.Require(finite, AuditCheck.Finite, "recomputation from a right latent is not finite", offender, offender.Segment, step: task.Step) ? replay : null;
    }

    // The states that segment k hands to the next. The tolerance tier can compare only what is opened.
    private async ValueTask<bool> StatesAsync(int k, int step, ReadOnlyMemory<float> recomputed)
    {
        if (IsExact)
        {
            bool equal = TrajectoryHash.OfStates(step, recomputed.Span, attestations[k].Width) == reply.Segments[k].Steps[step].OutputHash;
            return trail.Measure(
                new AuditFigure(AuditCheck.BoundaryStates, "unequal states of a step", equal ? 0 : 1, 0, k, Step: step),
                ProviderOf(k, step), $"{AuditCheck.BoundaryStates}: in step {step} the states are not what segment {k}'s layers compute from its inputs.");
        }
        ReadOnlyMemory<float> opened = reply.Segments[k + 1].Steps[step].OpenedInput;
        if (opened.IsEmpty) return true;
        LatentDistance distance = LatentDistance.Between(opened.Span, recomputed.Span);
        states[k].Add(StepRun.Of(step), distance);
        float band = order.Profile.Bands!.States;
        return await MeasureAsync(
            new AuditFigure(AuditCheck.BoundaryStates, "relative L2 distance of the states of a step", distance.Relative, band, k, Step: step), k, [StepRun.Of(step)],
            $"{AuditCheck.BoundaryStates}: in step {step} the states after segment {k} are {distance.Relative:G4} away, more than {band:G4}.").ConfigureAwait(false);
    }

    // Every boundary of the step agreed before this one, so the last segment is the one whose inputs were right and output wrong.
    private bool Equal(int step, ReadOnlySpan<float> recomputed)
    {
        Offender offender = ProviderOf(LastSegment, step);
        bool equal = TrajectoryHash.OfLatent(order.Shape, recomputed) == LastSteps[step].OutputHash;
        return trail.Measure(
            new AuditFigure(AuditCheck.Steps, "unequal latents after a step", equal ? 0 : 1, 0, offender.Segment, Step: step),
            offender, $"{AuditCheck.Steps}: the latent after step {step} is not what the model computes from the latent before it.");
    }

    private async ValueTask<bool> MeasureAsync(AuditFigure figure, int segment, IReadOnlyList<StepRun> runs, string whyRejected) =>
        trail.Measure(figure, figure.Fails ? await offenders.OfAsync(segment, runs, figure.Threshold).ConfigureAwait(false) : null, whyRejected);
}
