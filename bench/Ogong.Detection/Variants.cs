using Ogong.Commitments;
using Ogong.Compute;
using Ogong.Models;
using Ogong.Records;

namespace Ogong.Detection;

/// <summary>The honest drift and the substitutions that are studied.</summary>
internal static class Variants
{
    /// <summary>bfloat16 inputs of linear layers against binary32.</summary>
    public const string Fast = "fast mode";

    /// <summary>A wider drift: everything in bfloat16.</summary>
    public const string BFloat16 = "all activations bfloat16";

    /// <summary>False rejects of the exact tier.</summary>
    public const string Exact = "exact tier, decoded and then read";

    // 301 windows: an emulated device takes seconds for each.
    private const int Few = 43;

    /// <summary>All providers.</summary>
    /// <param name="sibling">A smaller model of the same vocabulary, if there is one.</param>
    public static IReadOnlyList<Variant> All(IModelWeights? sibling) => [.. Honest(), .. Values(sibling), .. Tokens(sibling)];

    private static IEnumerable<Variant> Honest() =>
    [
        new(Exact, VariantKind.Honest) { Against = Against.ExactHashes },
        new("another order of summation", VariantKind.Honest) { Weights = Substitutions.Reorder, Reordered = true },
        new("all activations binary16", VariantKind.Honest) { Rounding = Rounding.Float16 },
        new("bfloat16 cache", VariantKind.Honest) { Profile = ProfileParameters.Exact(StorageFormat.BF16) },
        new(Fast, VariantKind.Honest) { Profile = ProfileParameters.Fast() },
        new("fast mode, bfloat16 cache", VariantKind.Honest) { Profile = ProfileParameters.Fast(kvFormat: StorageFormat.BF16) },
        new(BFloat16, VariantKind.Honest) { Rounding = Rounding.BFloat16 },
        new("fast mode, decoded against read", VariantKind.Honest) { Profile = ProfileParameters.Fast(), Decodes = true, Against = Against.OwnReading, Limit = 143 },
        new("fast mode on OpenCL", VariantKind.Honest) { Profile = ProfileParameters.Fast(), Device = "opencl", Limit = Few },
        new("fast mode on CUDA", VariantKind.Honest) { Profile = ProfileParameters.Fast(), Device = "cuda", Limit = Few },
        new("fast mode on CUDA, decoded against read", VariantKind.Honest) { Profile = ProfileParameters.Fast(), Device = "cuda", Decodes = true, Against = Against.OwnReading, Limit = 1 },
    ];

    private static IEnumerable<Variant> Values(IModelWeights? sibling)
    {
        yield return new("1 % of one matrix zeroed", VariantKind.Values) { Weights = Substitutions.HundredthZero };
        yield return new("8-bit weights, a scale per row", VariantKind.Values) { Weights = static w => SubstitutedWeights.WithEightBitLayers(w, 0, w.Config.Layers) };
        yield return Rounded("Q8_0 weights", ElementType.Q8_0);
        yield return Rounded("Q8_0 weights, all activations bfloat16", ElementType.Q8_0) with { Rounding = Rounding.BFloat16 };
        yield return new("Q8_0 weights and activations", VariantKind.Values) { Weights = static w => SubstitutedWeights.WithMatricesAs(w, ElementType.Q8_0) };
        yield return new("I8-256 weights and activations", VariantKind.Values) { Weights = static w => SubstitutedWeights.WithMatricesAs(w, ElementType.I8_256) };
        yield return new("8-bit cache", VariantKind.Values) { Rounding = Rounding.EightBitCache };
        yield return new("FP8 E4M3 weights", VariantKind.Values) { Weights = static w => Substitutions.Matrices(w, RoundedTensor.ThroughE4M3) };
        foreach (ElementType type in (ElementType[])[ElementType.Q6_K, ElementType.Q4_K, ElementType.Q4_0]) yield return Rounded($"{type} weights", type);
        yield return new("head of Q4_0 alone", VariantKind.Values) { Weights = static w => new OtherHead(w, static t => RoundedTensor.Through(t, ElementType.Q4_0)) };
        yield return new("one layer skipped", VariantKind.Values) { Weights = static w => SubstitutedWeights.WithSkippedLayer(w, w.Config.Layers / 2) };
        yield return new("other prompt", VariantKind.Values) { Text = static (corpus, i) => corpus.WithPromptOf(i, i ^ 1) };
        if (sibling is not null) yield return new("smaller sibling", VariantKind.Values) { Weights = _ => sibling };
    }

    private static IEnumerable<Variant> Tokens(IModelWeights? sibling)
    {
        yield return new("one token edited", VariantKind.Tokens) { Text = static (corpus, i) => corpus.Edited(i), LastWindowOnly = true };
        yield return new("other seed", VariantKind.Tokens) { Sampling = static i => Corpus.Ordered(i, seed: 3_000_000) };
        yield return new("temperature 0.9 for 1", VariantKind.Tokens) { Sampling = static i => Corpus.Ordered(i, temperature: 0.9f) };
        yield return new("temperature 0.7 for 1", VariantKind.Tokens) { Sampling = static i => Corpus.Ordered(i, temperature: 0.7f) };
        yield return new("text chosen by Q8_0 weights", VariantKind.Tokens) { DecodedBy = static w => Substitutions.Rounded(w, ElementType.Q8_0) };
        yield return new("text chosen by Q4_0 weights", VariantKind.Tokens) { DecodedBy = static w => Substitutions.Rounded(w, ElementType.Q4_0) };
        if (sibling is not null) yield return new("text chosen by the smaller sibling", VariantKind.Tokens) { DecodedBy = _ => sibling };
        yield return new("early stop", VariantKind.Tokens) { Against = Against.StopRule, LastWindowOnly = true };
    }

    private static Variant Rounded(string name, ElementType type) => new(name, VariantKind.Values) { Weights = w => Substitutions.Rounded(w, type) };
}
