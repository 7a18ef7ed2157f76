using Ogong.Compute;
using Ogong.Models;

namespace Ogong.Engine;

/// <summary>
/// The layer program of diffusion transformers with adaLN-zero blocks (Peebles and Xie 2022, figure 3), written once. Timestep and class condition every block through its own embedder.
/// </summary>
/// <remarks>
/// In fast mode the blocks' own matrices run in reduced precision. What has one row per evaluation (conditioning) or touches latents (patches in and out) stays exact: it costs next to nothing, and a
/// rounding there reaches every token, or the latent itself.
/// </remarks>
internal sealed class DenoiserLayers(DenoiserConfig config, ComputeQueue queue, DenoiserScratch s, NumericMode mode)
{
    private readonly int _width = config.Width, _tokens = config.Tokens, _feedForward = config.FeedForward;
    private int _passes;

    /// <summary>Vectors that each pass has room for in this batch; 0 without cross-attention.</summary>
    public int ContextTokens { get; set; }

    private int Rows => _passes * _tokens;

    /// <summary>Starts a step of so many evaluations.</summary>
    public void Begin(int passes) => _passes = passes;

    /// <summary>One block, over the residual stream.</summary>
    public void Run(DenoiserBlock block)
    {
        queue.Scope = block.Scope;
        Condition(block.Embedder);
        Exactly(s.Conditioning, block.Modulation, s.Modulation, _passes);
        var modulation = new SampleParameters(s.Modulation, 6 * _width, _tokens);

        queue.Modulate(s.Hidden, modulation, 0, _width, DenoiserConfig.FixedEpsilon, s.Normed, Rows, _width);
        Attend(block.Attention, s.Normed, Rows, s.Key, s.Value, null, _tokens);
        queue.GatedResidual(s.Hidden, s.Projected, modulation, 2 * _width, Rows, _width);

        if (block.CrossAttention is { } cross)
        {
            queue.LayerNorm(s.Hidden, null, null, config.NormEpsilon, s.Normed, Rows, _width);
            Attend(cross, s.Context!, _passes * ContextTokens, s.ContextKey!, s.ContextValue!, s.ContextCounts, ContextTokens);
            queue.Residual(s.Hidden, s.Projected, (long)Rows * _width);
        }

        queue.Modulate(s.Hidden, modulation, 3 * _width, 4 * _width, config.NormEpsilon, s.Normed, Rows, _width);
        Linear(s.Normed, block.Up, s.FeedForward, Rows);
        queue.Gelu(s.FeedForward, s.FeedForward, (long)Rows * _feedForward);
        Linear(s.FeedForward, block.Down, s.Projected, Rows);
        queue.GatedResidual(s.Hidden, s.Projected, modulation, 5 * _width, Rows, _width);
    }

    /// <summary>Output norm and projection to patches.</summary>
    public void Run(DenoiserHead head)
    {
        queue.Scope = "head";
        Condition(head.Embedder);
        Exactly(s.Conditioning, head.Modulation, s.Modulation, _passes);
        var modulation = new SampleParameters(s.Modulation, 2 * _width, _tokens);
        queue.Modulate(s.Hidden, modulation, 0, _width, DenoiserConfig.FixedEpsilon, s.Normed, Rows, _width);
        Exactly(s.Normed, head.Projection, s.Patches, Rows);
    }

    /// <summary>A linear layer that is exact in either mode.</summary>
    public void Exactly(DeviceBuffer x, LinearWeights w, DeviceBuffer y, int rows) => queue.Linear(x, w.Weight, w.Bias, y, rows, NumericMode.Exact);

    private void Linear(DeviceBuffer x, LinearWeights w, DeviceBuffer y, int rows) => queue.Linear(x, w.Weight, w.Bias, y, rows, mode);

    /// <summary>SiLU of the sum of what timestep and class embed to; a vector per pass.</summary>
    private void Condition(EmbedderWeights w)
    {
        long count = (long)_passes * _width;
        Exactly(s.Timesteps, w.First, s.Embedded, _passes);
        queue.Silu(s.Embedded, s.Embedded, count);
        Exactly(s.Embedded, w.Second, s.Conditioning, _passes);
        if (w.Classes is not null)
        {
            queue.Embed(w.Classes, s.Labels, s.Classes, _passes);
            queue.Residual(s.Conditioning, s.Classes, count);
        }
        queue.Silu(s.Conditioning, s.Conditioning, count);
    }

    /// <summary>Attention of the normed stream over <paramref name="source"/>, projected.</summary>
    private void Attend(AttentionWeights w, DeviceBuffer source, int sourceRows, DeviceBuffer key, DeviceBuffer value, DeviceBuffer? counts, int keys)
    {
        Linear(s.Normed, w.Query, s.Query, Rows);
        Linear(source, w.Key, key, sourceRows);
        Linear(source, w.Value, value, sourceRows);
        queue.BidirectionalAttention(s.Query, key, value, counts, s.Attended, new AttentionShape(_passes, _tokens, keys, config.Heads, config.HeadDim));
        Linear(s.Attended, w.Output, s.Projected, Rows);
    }
}
