using Ogong.Compute;
using Ogong.Diffusion;
using Ogong.Models;

namespace Ogong.Engine;

/// <summary>What samples are conditioned on, as the layer program reads it.</summary>
internal static class DenoiserConditioning
{
    /// <summary>Why a model cannot be conditioned so; null if it can.</summary>
    public static string? Objection(DenoiserConfig config, Conditioning conditioning, bool guided)
    {
        if (conditioning.Label is { } label)
        {
            if (config.HasContext) return "The model is conditioned on vectors, not on a class.";
            return label <= config.Classes ? null : $"There is no class {label}; the model has {config.Classes}, and number {config.Classes} is the null class.";
        }
        if (!config.HasContext) return "The model is conditioned on a class, not on vectors.";
        if (conditioning.Width != config.ContextWidth) return $"The model is conditioned on vectors of {config.ContextWidth} values, not of {conditioning.Width}.";
        return guided && conditioning.Unconditional.IsEmpty ? "Guidance needs vectors of the unconditional branch." : null;
    }

    /// <summary>Uploads labels, or vectors and how many there are; returns for how many vectors each pass has room.</summary>
    public static int Write(DenoiserConfig config, IReadOnlyList<Conditioning> samples, bool guided, int mostTokens, ComputeQueue queue, DenoiserScratch scratch)
    {
        int passes = guided ? 2 * samples.Count : samples.Count;
        int[] numbers = new int[passes];
        if (!config.HasContext)
        {
            for (int pass = 0; pass < passes; pass++) numbers[pass] = pass < samples.Count ? samples[pass].Label!.Value : config.Classes;
            queue.Write<int>(numbers, scratch.Labels);
            return 0;
        }
        int tokens = samples.Max(static c => c.Tokens), stride = tokens * config.ContextWidth;
        if (tokens > mostTokens) throw new ArgumentException($"A conditioning has {tokens} vectors; there is room for {mostTokens}.", nameof(samples));
        float[] vectors = new float[checked(passes * stride)];
        for (int pass = 0; pass < passes; pass++)
        {
            Conditioning conditioning = samples[pass % samples.Count];
            (pass < samples.Count ? conditioning.Conditional : conditioning.Unconditional).Span.CopyTo(vectors.AsSpan(pass * stride));
            numbers[pass] = conditioning.Tokens;
        }
        queue.Write<float>(vectors, scratch.Context!);
        queue.Write<int>(numbers, scratch.ContextCounts!);
        return tokens;
    }
}
