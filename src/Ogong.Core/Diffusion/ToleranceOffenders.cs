using Ogong.Audit;

namespace Ogong.Diffusion;

/// <summary>
/// Whom the tolerance tier names. A distance in a replay of the whole model shows wherever it has come to, and what a file opens is its holder's choice: so a provider is named only if its own layers,
/// run from inputs it is known to have had, are too far as well, and if nobody else ran any of the steps. Else the lead answers, and audits of single segments decide.
/// </summary>
internal sealed class ToleranceOffenders(TrajectoryReply reply, LatentStore latents, IStepReplayer replayer, CancellationToken cancellationToken)
{
    /// <summary>Who answers where the distance of segment <paramref name="k"/>'s output over some runs of steps is above a threshold.</summary>
    public async ValueTask<Offender> OfAsync(int k, IReadOnlyList<StepRun> runs, double threshold)
    {
        Offender lead = new(OffenderRole.Lead, null, reply.Record.Message.ProviderKeyId);
        Offender[] ran = [.. runs.SelectMany(run => run.Steps).Select(step => TrajectoryChecks.ProviderOf(reply.Segments[k], step)).Distinct()];
        if (ran.Length > 1) return lead;
        if (reply.Segments.Count == 1) return ran[0];
        LatentDistance total = default;
        foreach (StepRun run in runs)
        {
            // Within a longer run nobody committed to the latents between, so no segment's inputs are known.
            if (run.To - run.From > 1 || await AloneAsync(k, run.From).ConfigureAwait(false) is not { } distance) return lead;
            total += distance;
        }
        return total.Relative > threshold ? ran[0] : lead;
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
        try
        {
            StepReplay replay = await replayer.ReplayAsync(task, cancellationToken).ConfigureAwait(false);
            return isLast ? LatentDistance.OfChange(before.Span, output.Span, replay.Latent.Span) : LatentDistance.Between(output.Span, replay.States[0].Span);
        }
        catch (ArithmeticException)
        {
            return new LatentDistance(double.PositiveInfinity, 1); // Nobody computes a finite output where there is none.
        }
    }
}
