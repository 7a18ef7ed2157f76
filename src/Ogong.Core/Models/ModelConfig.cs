using Ogong.Numerics;

namespace Ogong.Models;

/// <summary>The text architectures this library runs.</summary>
public enum ModelArchitecture : byte
{
    /// <summary><c>LlamaForCausalLM</c></summary>
    Llama = 1,

    /// <summary><c>MistralForCausalLM</c>: Llama with a sliding window.</summary>
    Mistral = 2,

    /// <summary><c>Qwen2ForCausalLM</c>: biases on Q, K and V.</summary>
    Qwen2 = 3,

    /// <summary><c>Qwen3ForCausalLM</c>: RMS norm on each head of Q and K, head dimension of its own.</summary>
    Qwen3 = 4,
}

/// <summary>How rotary frequencies are scaled past the trained context.</summary>
/// <param name="Factor">Overall scale of the low frequencies.</param>
/// <param name="LowFrequencyFactor">Boundary below which a frequency is scaled fully.</param>
/// <param name="HighFrequencyFactor">Boundary above which it is left alone.</param>
/// <param name="OriginalMaxPositions">Context the model was trained with.</param>
public sealed record Llama3RopeScaling(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalMaxPositions)
{
    /// <summary>The same for the tables of positions.</summary>
    internal RopeScaling OfTable => new(Factor, LowFrequencyFactor, HighFrequencyFactor, OriginalMaxPositions);
}

/// <summary>
/// The hyper-parameters that decide what a text model computes, from a Hugging Face <c>config.json</c>. Every field is bound by
/// <c>model_root</c>. Scalars go decimal → binary64, and <see cref="RmsNormEpsilon"/> on to binary32.
/// </summary>
public sealed record ModelConfig
{
    /// <summary>Which architecture.</summary>
    public required ModelArchitecture Architecture { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Number of layers, L.</summary>
    public required int Layers { get; init; }

    /// <summary>Query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Key/value heads; divides <see cref="Heads"/>.</summary>
    public required int KvHeads { get; init; }

    /// <summary>Elements per head, even.</summary>
    public required int HeadDim { get; init; }

    /// <summary>Width of the gated feed-forward layer.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Entries of the vocabulary.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Epsilon of every RMS norm.</summary>
    public required float RmsNormEpsilon { get; init; }

    /// <summary>Base of the rotary frequencies, binary64.</summary>
    public required double RopeTheta { get; init; }

    /// <summary>Llama-3 frequency scaling, if any.</summary>
    public Llama3RopeScaling? RopeScaling { get; init; }

    /// <summary>Most positions a sequence may take.</summary>
    public required int MaxPositions { get; init; }

    /// <summary>Sliding attention window in positions, or null for full causal attention.</summary>
    public int? SlidingWindow { get; init; }

    /// <summary>Whether the LM head is the embedding table.</summary>
    public required bool TiedEmbeddings { get; init; }

    /// <summary>Whether Q, K and V projections have biases.</summary>
    public bool AttentionBias { get; init; }

    /// <summary>Whether each head of Q and K is RMS-normed before RoPE.</summary>
    public bool QkNorm { get; init; }

    /// <summary>Beginning-of-sequence token, if the files name one.</summary>
    public int? BeginToken { get; init; }

    /// <summary>
    /// End-of-sequence tokens, ascending: those of <c>generation_config.json</c> where it names any, else those of <c>config.json</c>.
    /// Generation stops at each of them.
    /// </summary>
    public IReadOnlyList<int> EndTokens { get; init; } = [];

    /// <summary>How text maps to token ids.</summary>
    public TokenizerIdentity Tokenizer { get; init; } = TokenizerIdentity.None;
}
