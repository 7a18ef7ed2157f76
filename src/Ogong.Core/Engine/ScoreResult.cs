using Ogong.Compute;

namespace Ogong.Engine;

/// <summary>A token and its log-probability.</summary>
/// <param name="Token">Token id.</param>
/// <param name="Logprob">Natural logarithm of its probability.</param>
public readonly record struct TokenLogprob(int Token, float Logprob);

/// <summary>What a model makes of given tokens.</summary>
public sealed record ScoreResult
{
    /// <summary>Log-probability of each token given those before it; null for the first.</summary>
    public required IReadOnlyList<float?> TokenLogprobs { get; init; }

    /// <summary>After each position, the likeliest next tokens, by (logit descending, id ascending).</summary>
    public required IReadOnlyList<IReadOnlyList<TokenLogprob>> TopLogprobs { get; init; }

    /// <summary>SHA-256, 64 hex digits, over the last hidden states (the input of the LM head) of every position in order, binary32 little-endian.</summary>
    public required string HiddenSha256 { get; init; }

    /// <summary>The last hidden states [positions × HiddenSize], if asked for.</summary>
    public ReadOnlyMemory<float>? HiddenStates { get; init; }

    /// <summary>What ran it.</summary>
    public required DeviceDescription Device { get; init; }

    /// <summary>In which numeric mode.</summary>
    public required NumericMode Mode { get; init; }
}
