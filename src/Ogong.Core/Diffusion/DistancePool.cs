namespace Ogong.Diffusion;

/// <summary>Distances of several runs of steps, pooled.</summary>
internal sealed class DistancePool
{
    private readonly List<StepRun> runs = [];
    private LatentDistance total;
    private double worst = -1;
    private int worstStep;

    /// <summary>What was measured; empty if nothing was.</summary>
    public IReadOnlyList<StepRun> Runs => runs;

    public void Add(StepRun run, LatentDistance distance)
    {
        runs.Add(run);
        total += distance;
        if (distance.Relative <= worst) return;
        (worst, worstStep) = (distance.Relative, run.To - 1);
    }

    /// <summary>The pooled relative L2 distance, and the last step of the run that is farthest.</summary>
    public (double Distance, int WorstStep) Measure() => (total.Relative, worstStep);
}
