using Ogong.Audit;

namespace Ogong.Diffusion;

/// <summary>What <see cref="ToleranceOffender"/> needs to know of a trajectory: who ran a segment's steps, and how far its own layers are off.</summary>
internal sealed class ToleranceOffenders(TrajectoryReply reply, LatentStore latents, IStepReplayer replayer, CancellationToken cancellationToken)
{
    private readonly ToleranceOffender rule = new(reply.Segments.Count, new Offender(OffenderRole.Lead, null, reply.Record.Message.ProviderKeyId));

    /// <summary>Who answers where the distance of segment <paramref name="k"/>'s output over some runs of steps is above a threshold.</summary>
    public ValueTask<Offender> OfAsync(int k, IReadOnlyList<StepRun> runs, double threshold)
    {
        Offender[] ran = [.. runs.SelectMany(run => run.Steps).Select(step => TrajectoryChecks.ProviderOf(reply.Segments[k], step)).Distinct()];
        return rule.OfAsync(ran.Length == 1 ? ran[0] : null, threshold, () => AloneAsync(k, runs));
    }

    private async ValueTask<double?> AloneAsync(int k, IReadOnlyList<StepRun> runs)
    {
        LatentDistance total = default;
        foreach (StepRun run in runs)
        {
            // Within a longer run nobody committed to the latents between, so no segment's inputs are known.
            if (run.To - run.From > 1 || await AloneAsync(k, run.From).ConfigureAwait(false) is not { } distance) return null;
            total += distance;
        }
        return total.Relative;
    }

    /// <summary>How far a segment's output of a step is from what its layers compute from its opened inputs; null if these are not at hand.</summary>
    private async ValueTask<LatentDistance?> AloneAsync(int k, int step)
    {
        bool isLast = k == reply.Segments.Count - 1;
        Records.SegmentAttestation a = reply.Segments[k].Attestation.Message;
        ReadOnlyMemory<float> before = latents.Find(step), input = reply.Segments[k].Steps[step].OpenedInput;
        ReadOnlyMemory<float> output = isLast ? latents.Find(step + 1) : reply.Segments[k + 1].Steps[step].OpenedInput;
        if (output.IsEmpty || (k > 0 && input.IsEmpty) || ((k == 0 || isLast) && before.IsEmpty)) return null;
        var task = new StepReplayTask
        {
            Order = reply.Order.Message,
            Conditioning = reply.Conditioning,
            Step = step,
            Latent = before,
            FirstLayer = a.FirstLayer,
            EndLayer = a.EndLayer,
            InputStates = input,
            StatesAfter = isLast ? [] : [a.EndLayer - 1],
        };
        StepReplay replay = await replayer.ReplayAsync(task, cancellationToken).ConfigureAwait(false);
        return isLast ? LatentDistance.OfChange(before.Span, output.Span, replay.Latent.Span) : LatentDistance.Between(output.Span, replay.States[0].Span);
    }
}
