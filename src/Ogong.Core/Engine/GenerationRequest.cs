using System.Collections.Immutable;
using Ogong.Records;

namespace Ogong.Engine;

/// <summary>What to generate. Token ids in, token ids out.</summary>
public sealed record GenerationRequest
{
    /// <summary>Prompt token ids, at least one.</summary>
    public required ReadOnlyMemory<int> Prompt { get; init; }

    /// <summary>Most tokens to generate.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>How each token is chosen; greedy unless set.</summary>
    public SamplingParameters Sampling { get; init; } = SamplingParameters.Greedy;

    /// <summary>Tokens that end the reply (and are its last token); null means those the model's config names.</summary>
    public IReadOnlyList<int>? EndTokens { get; init; }

    /// <summary>Token sequences that end the reply (and are its last tokens).</summary>
    public ImmutableArray<ImmutableArray<int>> StopSequences { get; init; } = [];

    /// <summary>Called with the number of prompt tokens read so far, after each chunk.</summary>
    public IProgress<int>? PromptProgress { get; init; }
}
