namespace Ogong.Diffusion;

/// <summary>The steps <paramref name="From"/>, …, <paramref name="To"/> − 1.</summary>
/// <param name="From">First step.</param>
/// <param name="To">One past the last step.</param>
internal readonly record struct StepRun(int From, int To)
{
    /// <summary>One step alone.</summary>
    public static StepRun Of(int step) => new(step, step + 1);

    /// <summary>The indices of the steps.</summary>
    public IEnumerable<int> Steps => Enumerable.Range(From, To - From);
}
