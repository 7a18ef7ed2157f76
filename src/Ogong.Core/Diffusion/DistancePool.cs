namespace Ogong.Diffusion;

/// <summary>Distances of several steps, pooled.</summary>
internal sealed class DistancePool
{
    private LatentDistance total;
    private double worst = -1;
    private int worstStep;

    public bool IsEmpty => worst < 0;

    public void Add(int step, LatentDistance distance)
    {
        total += distance;
        if (distance.Relative <= worst) return;
        (worst, worstStep) = (distance.Relative, step);
    }

    /// <summary>The pooled relative L2 distance, and the step that is farthest.</summary>
    public (double Distance, int WorstStep) Measure() => (total.Relative, worstStep);
}
