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

    /// <summary>It commits to right values, over tokens that the ordered sampler or stop rule did not choose.</summary>
    Tokens,
}

/// <summary>What a provider's values are compared with.</summary>
internal enum Against
{
    /// <summary>The ordered model in exact arithmetic on a processor, reading the text.</summary>
    ExactReading,

    /// <summary>The same backend in the same arithmetic, reading the text.</summary>
    OwnReading,

    /// <summary>The exact tier's hashes: the generator's while decoding against those of an exact reading.</summary>
    ExactHashes,

    /// <summary>The order's stop rule: a reply that was cut short.</summary>
    StopRule,
}

/// <summary>A provider of the study.</summary>
internal sealed record Variant(string Name, VariantKind Kind)
{
    /// <summary>The weights it holds, from the ordered model's.</summary>
    public Func<IModelWeights, IModelWeights> Weights { get; init; } = static w => w;

    /// <summary>The weights that chose the text, where another model than the ordered one did.</summary>
    public Func<IModelWeights, IModelWeights>? DecodedBy { get; init; }

    /// <summary>What it rounds besides.</summary>
    public Rounding? Rounding { get; init; }

    /// <summary>Its arithmetic and cache.</summary>
    public ProfileParameters Profile { get; init; } = ProfileParameters.Exact();

    /// <summary>The device it runs on, by the name of its backend; null for this processor.</summary>
    public string? Device { get; init; }

    /// <summary>Whether it goes through the text token by token, as one that generates does.</summary>
    public bool Decodes { get; init; }

    /// <summary>What its values are compared with.</summary>
    public Against Against { get; init; }

    /// <summary>The tokens it reads: from those of an even sequence and the odd one after it, whichever is its own.</summary>
    public Func<Corpus, int, int[]> Text { get; init; } = static (corpus, i) => corpus.Of(i);

    /// <summary>The sampling parameters that its tokens are audited under.</summary>
    public Func<int, SamplingParameters> Sampling { get; init; } = static i => Corpus.Ordered(i);

    /// <summary>Whether its states come in another order of coordinates, undone before they are compared.</summary>
    public bool Reordered { get; init; }

    /// <summary>Whether only the last window of a sequence is wrong.</summary>
    public bool LastWindowOnly { get; init; }

    /// <summary>Most sequences that are run: what is slow is run on few.</summary>
    public int Limit { get; init; } = int.MaxValue;
}
