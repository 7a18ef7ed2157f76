using Ogong.Compute;

namespace Ogong.Models;

/// <summary>
/// Another model's weights with something substituted, for what a cheating provider would run: the demo's cheat and the substitution tests.
/// Each method returns a new view; tensors it does not name are the original's. Thread-safe.
/// </summary>
internal sealed class SubstitutedWeights : IModelWeights
{
    private readonly IModelWeights _original;
    private readonly Func<ITensorSource, ITensorSource> _substitute;

    private SubstitutedWeights(IModelWeights original, ModelConfig config, Func<ITensorSource, ITensorSource> substitute)
        => (_original, Config, _substitute) = (original, config, substitute);

    public ModelConfig Config { get; }

    /// <summary>The same tensors under other hyper-parameters.</summary>
    public static SubstitutedWeights WithConfig(IModelWeights original, Func<ModelConfig, ModelConfig> change) => new(original, change(original.Config), static t => t);

    /// <summary>Whatever <paramref name="substitute"/> makes of each tensor.</summary>
    public static SubstitutedWeights WithTensors(IModelWeights original, Func<ITensorSource, ITensorSource> substitute) => new(original, original.Config, substitute);

    /// <summary>
    /// Every matrix of the given layers rounded to 8 bits: per row, <c>s = absmax / 127</c>, <c>w' = rint(w / s) · s</c>, stored with the
    /// original's type.
    /// </summary>
    public static SubstitutedWeights WithEightBitLayers(IModelWeights original, int first, int count)
    {
        HashSet<string> names = [.. Layers(original.Config, first, count).Where(static s => !s.IsVector).Select(static s => s.Name)];
        return new(original, original.Config, tensor => names.Contains(tensor.Name) ? RewrittenTensor.EightBit(tensor) : tensor);
    }

    /// <summary>Every matrix stored as another type, rounded or quantised by its definition; as <paramref name="otherwise"/> where its rows are no whole number of blocks.</summary>
    /// <exception cref="ModelFormatException">Neither type fits a matrix; the message names it.</exception>
    public static SubstitutedWeights WithMatricesAs(IModelWeights original, ElementType type, ElementType? otherwise = null)
    {
        string model = (original as StoredModel)?.FullPath ?? "model";
        Dictionary<string, ElementType> types = TensorNames.All(original.Config).Where(static s => !s.IsVector)
            .ToDictionary(static s => s.Name, s => MatrixTypes.Of(s, type, otherwise, model), StringComparer.Ordinal);
        return new(original, original.Config, tensor => types.TryGetValue(tensor.Name, out ElementType stored) ? RewrittenTensor.As(tensor, stored) : tensor);
    }

    /// <summary>One bit of one element's stored pattern flipped.</summary>
    public static SubstitutedWeights WithFlippedBit(IModelWeights original, string name, int row, int column, int bit)
        => new(original, original.Config, tensor => tensor.Name == name ? RewrittenTensor.FlippedBit(tensor, row, column, bit) : tensor);

    /// <summary>
    /// A layer that adds nothing to the residual stream, which is what skipping it computes: its two output projections are zero.
    /// </summary>
    public static SubstitutedWeights WithSkippedLayer(IModelWeights original, int layer)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)layer, (uint)original.Config.Layers, nameof(layer));
        string output = TensorNames.Output(layer), down = TensorNames.Down(layer);
        return new(original, original.Config, tensor => tensor.Name == output || tensor.Name == down ? RewrittenTensor.Zero(tensor) : tensor);
    }

    public bool Contains(string name) => _original.Contains(name);

    public ITensorSource Tensor(string name) => _substitute(_original.Tensor(name));

    private static IEnumerable<TensorSpec> Layers(ModelConfig config, int first, int count)
        => Enumerable.Range(first, count).SelectMany(layer => TensorNames.LayerTensors(config, layer));
}
