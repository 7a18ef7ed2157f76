namespace Ogong.Models;

/// <summary>
/// The order of the rows of Q and K. Rotary embedding pairs row i of a head with row i + d/2 here and on Hugging Face, with d = head_dim; in
/// GGUF files of architecture <c>llama</c> the two stand side by side, as rows 2i and 2i + 1 of the head.
/// </summary>
internal static class RotaryRows
{
    /// <summary>Where a row of ours stands in the file.</summary>
    public static int Stored(int row, int headDim)
    {
        (int head, int within) = Math.DivRem(row, headDim);
        (int half, int pair) = Math.DivRem(within, headDim / 2);
        return (head * headDim) + (2 * pair) + half;
    }

    /// <summary>Which row of ours a row of the file is.</summary>
    public static int Logical(int row, int headDim)
    {
        (int head, int within) = Math.DivRem(row, headDim);
        (int pair, int half) = Math.DivRem(within, 2);
        return (head * headDim) + (half * (headDim / 2)) + pair;
    }

    /// <summary>Whether a tensor's rows are so ordered in a GGUF file.</summary>
    public static bool Affects(ModelConfig config, string name) => config.Architecture is ModelArchitecture.Llama or ModelArchitecture.Mistral
        && (name.EndsWith(".q_proj.weight", StringComparison.Ordinal) || name.EndsWith(".k_proj.weight", StringComparison.Ordinal));
}
