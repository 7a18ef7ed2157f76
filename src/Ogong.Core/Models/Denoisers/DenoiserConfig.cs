using System.Collections.Immutable;
using Ogong.Diffusion;
using Ogong.Numerics;

namespace Ogong.Models;

/// <summary>
/// The hyper-parameters that decide what a diffusion transformer computes (DiT with adaLN-zero blocks, Peebles and Xie 2022), from the <c>transformer/config.json</c> of a model in diffusers' layout.
/// Every field is bound by the model's root. A latent has 1, 2 or 3 axes; a token is one patch of it.
/// </summary>
public sealed record DenoiserConfig
{
    /// <summary>Epsilon of the layer norms that diffusers gives no setting: before attention, and at the output.</summary>
    internal const float FixedEpsilon = 1e-6f;

    private const int MaxTokens = 1 << 18, MaxPatchValues = 1 << 20, MaxClasses = 1 << 20;

    /// <summary>Attention heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Elements per head.</summary>
    public required int HeadDim { get; init; }

    /// <summary>Transformer blocks, L.</summary>
    public required int Layers { get; init; }

    /// <summary>Shape of the latents it denoises.</summary>
    public required LatentShape Shape { get; init; }

    /// <summary>Size of a patch along each axis of the latent; divides <see cref="LatentShape.Sizes"/>.</summary>
    public required ImmutableArray<int> Patch { get; init; }

    /// <summary>Channels the last projection predicts: those of the latent, or twice as many where the model also predicts a variance, which is not loaded.</summary>
    public required int OutputChannels { get; init; }

    /// <summary>Classes; class number <see cref="Classes"/> is the null class of the unconditional branch. 0 for a model conditioned on vectors.</summary>
    public required int Classes { get; init; }

    /// <summary>Width of the vectors that cross-attention reads; 0 for a model conditioned on classes.</summary>
    public int ContextWidth { get; init; }

    /// <summary>Whether the projections to queries, keys and values have biases.</summary>
    public bool AttentionBias { get; init; } = true;

    /// <summary>Epsilon of the layer norms before cross-attention and feed-forward.</summary>
    public required float NormEpsilon { get; init; }

    /// <summary>One printable character per class, by which users may name it; empty where the config names none.</summary>
    public string ClassLabels { get; init; } = "";

    /// <summary>Width of the residual stream.</summary>
    public int Width => Heads * HeadDim;

    /// <summary>Width of the feed-forward layer.</summary>
    public int FeedForward => 4 * Width;

    /// <summary>Values of one patch: channels times <see cref="PatchArea"/>.</summary>
    public int PatchValues => Shape.Channels * PatchArea;

    /// <summary>Positions of the latent in one patch.</summary>
    public int PatchArea => Patch.Aggregate(1, static (area, size) => area * size);

    /// <summary>Patches along each axis.</summary>
    public ImmutableArray<int> Grid => [.. Shape.Sizes.Zip(Patch, static (size, patch) => size / patch)];

    /// <summary>Tokens of one latent: patches, the last axis fastest.</summary>
    public int Tokens => Shape.Count / PatchValues;

    /// <summary>Whether the model is conditioned on vectors, by cross-attention.</summary>
    public bool HasContext => ContextWidth > 0;

    /// <summary>What rules the fields out together, naming the key of the config; null if nothing does.</summary>
    internal (string Key, string Problem)? Check()
    {
        if ((long)Heads * HeadDim > ModelLimits.HiddenSize) return ("attention_head_dim", $"times num_attention_heads exceeds {ModelLimits.HiddenSize}.");
        if (Width % PositionEmbedding.WidthMultiple(Shape.Rank) != 0)
            return ("attention_head_dim", $"times num_attention_heads ({Width}) is not a multiple of {PositionEmbedding.WidthMultiple(Shape.Rank)}, which position embeddings of rank {Shape.Rank} need.");
        if (Patch.Length != Shape.Rank) return ("patch_size", $"has {Patch.Length} axes where sample_size has {Shape.Rank}.");
        for (int axis = 0; axis < Patch.Length; axis++)
            if (Patch[axis] < 1 || Shape.Sizes[axis] % Patch[axis] != 0) return ("patch_size", $"({Patch[axis]}) does not divide sample_size ({Shape.Sizes[axis]}).");
        if (Patch.Aggregate((long)Shape.Channels, static (count, size) => count * size) > MaxPatchValues) return ("patch_size", $"makes patches of more than {MaxPatchValues} values.");
        if (Tokens > MaxTokens) return ("patch_size", $"makes {Tokens} tokens; {MaxTokens} are supported.");
        if (OutputChannels != Shape.Channels && OutputChannels != 2 * Shape.Channels) return ("out_channels", $"is {OutputChannels}; in_channels ({Shape.Channels}) or twice that is supported.");
        if (Classes > MaxClasses) return ("num_embeds_ada_norm", $"exceeds {MaxClasses}.");
        if (Classes > 0 == HasContext) return ("num_embeds_ada_norm", "and cross_attention_dim: a model is conditioned on classes or on vectors, and one of them.");
        if (ClassLabels.Length > 0 && (ClassLabels.Length != Classes || !Bytes.ByteWriter.IsName(ClassLabels) || ClassLabels.Distinct().Count() != Classes))
            return ("class_labels", "is not one printable ASCII character per class, each another.");
        return null;
    }
}
