using Ogong.Commitments;

namespace Ogong.Detection;

/// <summary>What a pass over one sequence leaves, for the positions that make its windows.</summary>
/// <param name="Width">Width of the states.</param>
/// <param name="Hidden">States before the head [positions × Width].</param>
/// <param name="Sketch">Their sketches under the fixed bank [positions × <see cref="Bank"/> directions].</param>
/// <param name="TopIds">Likeliest tokens [positions × k].</param>
/// <param name="TopLogprobs">Their log-probabilities [positions × k].</param>
/// <param name="Margins">How far each following token is from the sampler's choice.</param>
internal sealed record Trace(int Width, float[] Hidden, float[] Sketch, int[] TopIds, float[] TopLogprobs, float[] Margins)
{
    /// <summary>Entries of the lists.</summary>
    public const int TopK = 128;

    /// <summary>The fixed bank; its first m directions are a bank of m.</summary>
    public static SketchParameters Bank { get; } = new(0, 128, StorageFormat.F32);

    public ReadOnlySpan<float> HiddenOf(int window) => Rows(Hidden, window, Width);

    public ReadOnlySpan<float> SketchOf(int window) => Rows(Sketch, window, Bank.Directions);

    public ReadOnlySpan<float> MarginsOf(int window) => Rows(Margins, window, 1);

    /// <summary>The first <paramref name="k"/> entries of every list of a window.</summary>
    public TopKWindow TopKOf(int window, int k)
    {
        var ids = new int[CommitmentWindow.Length * k];
        var logprobs = new float[ids.Length];
        for (int r = 0; r < CommitmentWindow.Length; r++)
        {
            int from = ((window * CommitmentWindow.Length) + r) * TopK;
            Array.Copy(TopIds, from, ids, r * k, k);
            Array.Copy(TopLogprobs, from, logprobs, r * k, k);
        }
        return TopKWindow.Create(k, ids, logprobs);
    }

    /// <summary>The states with their coordinates back in the ordered model's order, and the sketches of these.</summary>
    public Trace Restored(Verifier verifier)
    {
        var hidden = new float[Hidden.Length];
        for (int i = 0; i < hidden.Length; i++) hidden[i - (i % Width) + Substitutions.Shuffled(i % Width, Width)] = Hidden[i];
        return this with { Hidden = hidden, Sketch = verifier.Project(hidden, Width, Bank.BankSeed, Bank.Directions) };
    }

    private static ReadOnlySpan<float> Rows(float[] values, int window, int width) =>
        values.AsSpan(window * CommitmentWindow.Length * width, CommitmentWindow.Length * width);
}
