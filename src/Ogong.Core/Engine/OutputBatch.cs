namespace Ogong.Engine;

/// <summary>Where the outputs of up to <paramref name="rows"/> positions land on the host. Reused from step to step.</summary>
/// <param name="rows">Most positions.</param>
/// <param name="hiddenSize">Width of the states.</param>
/// <param name="topK">Log-probabilities kept per position; 0 for none.</param>
/// <param name="directions">Sketch directions per position; 0 for none.</param>
internal sealed class OutputBatch(int rows, int hiddenSize, int topK, int directions)
{
    /// <summary>Positions held.</summary>
    public int Count { get; set; }

    /// <summary>Chosen token of each position.</summary>
    public int[] Tokens { get; } = new int[rows];

    /// <summary>Log-probability of the chosen (or given) token of each position.</summary>
    public float[] Logprobs { get; } = new float[rows];

    /// <summary>How far each given token is from the one the sampler chooses.</summary>
    public float[] Margins { get; } = new float[rows];

    /// <summary>Input of the LM head [rows × HiddenSize].</summary>
    public float[] Hidden { get; } = new float[rows * hiddenSize];

    /// <summary>[rows × topK], by (logit descending, id ascending).</summary>
    public int[] TopIds { get; } = new int[rows * topK];

    /// <summary>[rows × topK]</summary>
    public float[] TopLogprobs { get; } = new float[rows * topK];

    /// <summary>[rows × directions]</summary>
    public float[] Sketch { get; } = new float[rows * directions];

    public int HiddenSize => hiddenSize;

    public int TopK => topK;

    public int Directions => directions;

    public ReadOnlySpan<float> HiddenOf(int row) => Hidden.AsSpan(row * hiddenSize, hiddenSize);

    public ReadOnlySpan<int> TopIdsOf(int row) => TopIds.AsSpan(row * topK, topK);

    public ReadOnlySpan<float> TopLogprobsOf(int row) => TopLogprobs.AsSpan(row * topK, topK);

    public ReadOnlySpan<float> SketchOf(int row) => Sketch.AsSpan(row * directions, directions);
}
