using Ogong.Compute;
using Ogong.Models;

namespace Ogong.Detection;

/// <summary>Models with something substituted, beyond what <see cref="SubstitutedWeights"/> makes.</summary>
internal static class Substitutions
{
    /// <summary>Coordinate of an order that puts neighbours far apart; widths are not multiples of 37.</summary>
    public static int Shuffled(int index, int width) => index * 37 % width;

    /// <summary>Every matrix rounded to a type, activations untouched.</summary>
    public static SubstitutedWeights Rounded(IModelWeights model, ElementType type) => Matrices(model, t => RoundedTensor.Through(t, type));

    /// <summary>Every matrix changed.</summary>
    public static SubstitutedWeights Matrices(IModelWeights model, Func<ITensorSource, ITensorSource> change)
    {
        HashSet<string> names = [.. TensorNames.All(model.Config).Where(static s => !s.IsVector).Select(static s => s.Name)];
        return SubstitutedWeights.WithTensors(model, t => names.Contains(t.Name) ? change(t) : t);
    }

    /// <summary>About 1 % of the middle layer's down projection set to zero.</summary>
    public static SubstitutedWeights HundredthZero(IModelWeights model)
    {
        string name = TensorNames.Down(model.Config.Layers / 2);
        return SubstitutedWeights.WithTensors(model, t => t.Name == name ? RoundedTensor.WithHundredthZero(t) : t);
    }

    /// <summary>The residual stream and the feed-forward layer in another order of coordinates: the same model, other sums.</summary>
    public static SubstitutedWeights Reorder(IModelWeights model)
    {
        ModelConfig config = model.Config;
        int Stream(int i) => Shuffled(i, config.HiddenSize);
        int Inner(int i) => Shuffled(i, config.IntermediateSize);
        Dictionary<string, (Func<int, int>? Rows, Func<int, int>? Columns)> orders = [];
        orders[TensorNames.Embedding] = orders[TensorNames.Head(config)] = (null, Stream);
        orders[TensorNames.FinalNorm] = (null, Stream);
        for (int layer = 0; layer < config.Layers; layer++)
        {
            foreach (string name in (string[])[TensorNames.InputNorm(layer), TensorNames.PostAttentionNorm(layer), TensorNames.Query(layer), TensorNames.Key(layer), TensorNames.Value(layer)])
                orders[name] = (null, Stream);
            orders[TensorNames.Output(layer)] = (Stream, null);
            orders[TensorNames.Gate(layer)] = orders[TensorNames.Up(layer)] = (Inner, Stream);
            orders[TensorNames.Down(layer)] = (Stream, Inner);
        }
        return SubstitutedWeights.WithTensors(model, t => orders.TryGetValue(t.Name, out var order) ? RoundedTensor.Reordered(t, order.Rows, order.Columns) : t);
    }
}

/// <summary>A model of tied embeddings whose head alone is another's.</summary>
internal sealed class OtherHead(IModelWeights model, Func<ITensorSource, ITensorSource> change) : IModelWeights
{
    public ModelConfig Config { get; } = model.Config with { TiedEmbeddings = false };

    public bool Contains(string name) => name == TensorNames.LmHead || model.Contains(name);

    public ITensorSource Tensor(string name) => name == TensorNames.LmHead ? new Renamed(change(model.Tensor(TensorNames.Head(model.Config))), name) : model.Tensor(name);

    private sealed class Renamed(ITensorSource inner, string name) : ITensorSource
    {
        public string Name => name;

        public ElementType Type => inner.Type;

        public int Rows => inner.Rows;

        public int Columns => inner.Columns;

        public ReadOnlySpan<byte> ReadRows(int first, int count) => inner.ReadRows(first, count);
    }
}
