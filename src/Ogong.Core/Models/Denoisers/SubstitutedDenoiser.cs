using Ogong.Compute;

namespace Ogong.Models;

/// <summary>Another denoiser's weights with something substituted, for what a cheating provider would run; see <see cref="SubstitutedWeights"/>. Thread-safe.</summary>
internal sealed class SubstitutedDenoiser : IDenoiserWeights
{
    private readonly IDenoiserWeights _original;
    private readonly Func<ITensorSource, ITensorSource> _substitute;

    private SubstitutedDenoiser(IDenoiserWeights original, DenoiserConfig config, Func<ITensorSource, ITensorSource> substitute)
        => (_original, Config, _substitute) = (original, config, substitute);

    public DenoiserConfig Config { get; }

    /// <summary>The same tensors under other hyper-parameters.</summary>
    public static SubstitutedDenoiser WithConfig(IDenoiserWeights original, Func<DenoiserConfig, DenoiserConfig> change) => new(original, change(original.Config), static t => t);

    /// <summary>Every matrix of the given blocks rounded to 8 bits, as <see cref="RewrittenTensor.EightBit"/> does.</summary>
    public static SubstitutedDenoiser WithEightBitLayers(IDenoiserWeights original, int first, int count)
    {
        HashSet<string> names =
        [
            .. Enumerable.Range(first, count).SelectMany(layer => DenoiserTensors.LayerTensors(original.Config, layer)).Where(static s => !s.IsVector).Select(static s => s.Name),
        ];
        return new(original, original.Config, tensor => names.Contains(tensor.Name) ? RewrittenTensor.EightBit(tensor) : tensor);
    }

    /// <summary>One bit of one element's stored pattern flipped.</summary>
    public static SubstitutedDenoiser WithFlippedBit(IDenoiserWeights original, string name, int row, int column, int bit)
        => new(original, original.Config, tensor => tensor.Name == name ? RewrittenTensor.FlippedBit(tensor, row, column, bit) : tensor);

    /// <summary>A block that adds nothing to the residual stream, which is what skipping it, a smaller model, computes: its output projections are zero, with their biases.</summary>
    public static SubstitutedDenoiser WithSkippedLayer(IDenoiserWeights original, int layer)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)layer, (uint)original.Config.Layers, nameof(layer));
        HashSet<string> names = [.. from output in (string[])["attn1.to_out.0", "attn2.to_out.0", "ff.net.2"] from part in (string[])["weight", "bias"] select DenoiserTensors.Of(layer, $"{output}.{part}")];
        return new(original, original.Config, tensor => names.Contains(tensor.Name) ? RewrittenTensor.Zero(tensor) : tensor);
    }

    public bool Contains(string name) => _original.Contains(name);

    public ITensorSource Tensor(string name) => _substitute(_original.Tensor(name));
}
