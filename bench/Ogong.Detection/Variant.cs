using Ogong.Commitments;
using Ogong.Compute;
using Ogong.Models;
using Ogong.Records;

namespace Ogong.Detection;

/// <summary>Why a provider's values may differ from the verifier's.</summary>
internal enum VariantKind
{
    /// <summary>It computes the ordered model on the ordered text, with other roundings.</summary>
    Honest,

    /// <summary>It computes something else.</summary>
    Values,

    /// <summary>It computes the ordered model, on tokens that the ordered sampler did not choose.</summary>
    Tokens,
}

/// <summary>A provider of the study.</summary>
internal sealed record Variant(string Name, VariantKind Kind)
{
    /// <summary>The weights it holds, from the ordered model's.</summary>
    public Func<IModelWeights, IModelWeights> Weights { get; init; } = static w => w;

    /// <summary>What it rounds besides.</summary>
    public Rounding? Rounding { get; init; }

    /// <summary>Its arithmetic and cache.</summary>
    public ProfileParameters Profile { get; init; } = ProfileParameters.Exact();

    /// <summary>The tokens it reads: from the sequences, and the index of one.</summary>
    public Func<int[][], int, int[]> Text { get; init; } = static (sequences, i) => sequences[i];

    /// <summary>The sampling parameters that its tokens are audited under.</summary>
    public Func<int, SamplingParameters> Sampling { get; init; } = static i => Corpus.Ordered(i);

    /// <summary>Whether its states come in another order of coordinates, undone before they are compared.</summary>
    public bool Reordered { get; init; }
}

/// <summary>The honest drift and the substitutions that are studied.</summary>
internal static class Variants
{
    /// <summary>The pair of devices whose drift thresholds are fitted to: bfloat16 inputs of linear layers against binary32.</summary>
    public const string Fast = "fast mode";

    /// <summary>A wider drift: everything in bfloat16.</summary>
    public const string BFloat16 = "all activations bfloat16";

    /// <summary>All providers.</summary>
    /// <param name="sibling">A smaller model of the same vocabulary, if there is one.</param>
    public static IReadOnlyList<Variant> All(IModelWeights? sibling)
    {
        List<Variant> all =
        [
            new("another order of summation", VariantKind.Honest) { Weights = Reorder, Reordered = true },
            new("all activations binary16", VariantKind.Honest) { Rounding = Detection.Rounding.Float16 },
            new("bfloat16 cache", VariantKind.Honest) { Profile = ProfileParameters.Exact(StorageFormat.BF16) },
            new(Fast, VariantKind.Honest) { Profile = ProfileParameters.Fast() },
            new("fast mode, bfloat16 cache", VariantKind.Honest) { Profile = ProfileParameters.Fast(kvFormat: StorageFormat.BF16) },
            new(BFloat16, VariantKind.Honest) { Rounding = Detection.Rounding.BFloat16 },
            new("1 % of one matrix zeroed", VariantKind.Values) { Weights = HundredthZero },
            new("8-bit weights, a scale per row", VariantKind.Values) { Weights = static w => SubstitutedWeights.WithEightBitLayers(w, 0, w.Config.Layers) },
            new("Q8_0 weights", VariantKind.Values) { Weights = static w => Matrices(w, static t => RoundedTensor.Through(t, ElementType.Q8_0)) },
            new("Q8_0 weights and activations", VariantKind.Values) { Weights = static w => SubstitutedWeights.WithMatricesAs(w, ElementType.Q8_0) },
            new("I8-256 weights and activations", VariantKind.Values) { Weights = static w => SubstitutedWeights.WithMatricesAs(w, ElementType.I8_256) },
            new("8-bit cache", VariantKind.Values) { Rounding = Detection.Rounding.EightBitCache },
            new("FP8 E4M3 weights", VariantKind.Values) { Weights = static w => Matrices(w, RoundedTensor.ThroughE4M3) },
            new("Q4_0 weights", VariantKind.Values) { Weights = static w => Matrices(w, static t => RoundedTensor.Through(t, ElementType.Q4_0)) },
            new("one layer skipped", VariantKind.Values) { Weights = static w => SubstitutedWeights.WithSkippedLayer(w, w.Config.Layers / 2) },
            new("other prompt", VariantKind.Values) { Text = OtherPrompt },
        ];
        if (sibling is not null) all.Add(new("smaller sibling", VariantKind.Values) { Weights = _ => sibling });
        all.AddRange(
        [
            new("one token edited", VariantKind.Tokens) { Text = Edited },
            new("other seed", VariantKind.Tokens) { Sampling = static i => Corpus.Ordered(i, seed: 3_000_000) },
            new("temperature 0.9 for 1", VariantKind.Tokens) { Sampling = static i => Corpus.Ordered(i, temperature: 0.9f) },
        ]);
        return all;
    }

    /// <summary>Coordinate of an order that puts neighbours far apart; widths are not multiples of 37.</summary>
    public static int Shuffled(int index, int width) => index * 37 % width;

    private static SubstitutedWeights Matrices(IModelWeights model, Func<ITensorSource, ITensorSource> change)
    {
        HashSet<string> names = [.. TensorNames.All(model.Config).Where(static s => !s.IsVector).Select(static s => s.Name)];
        return SubstitutedWeights.WithTensors(model, t => names.Contains(t.Name) ? change(t) : t);
    }

    private static SubstitutedWeights HundredthZero(IModelWeights model)
    {
        string name = TensorNames.Down(model.Config.Layers / 2);
        return SubstitutedWeights.WithTensors(model, t => t.Name == name ? RoundedTensor.WithHundredthZero(t) : t);
    }

    // The residual stream and the feed-forward layer in another order of coordinates: the same model, other sums.
    private static SubstitutedWeights Reorder(IModelWeights model)
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

    private static int[] OtherPrompt(int[][] sequences, int index) =>
        [.. sequences[(index + 1) % sequences.Length].AsSpan(0, Corpus.Prompt), .. sequences[index].AsSpan(Corpus.Prompt)];

    // A token of the last window becomes another letter; nothing before it changes.
    private static int[] Edited(int[][] sequences, int index)
    {
        int[] tokens = [.. sequences[index]];
        ref int token = ref tokens[Corpus.Length - 1 - (index % CommitmentWindow.Length)];
        token = token == 'e' ? 'a' : 'e';
        return tokens;
    }
}
