using Ogong.Bytes;
using Ogong.Commitments;
using Ogong.Compute;
using Ogong.Records;

namespace Ogong.Engine;

/// <summary>A finished reply.</summary>
public sealed record GenerationResult
{
    /// <summary>Token ids, the ending one included.</summary>
    public required ReadOnlyMemory<int> Tokens { get; init; }

    /// <summary>Log-probability of each token; NaN where nothing was committed.</summary>
    public required ReadOnlyMemory<float> Logprobs { get; init; }

    /// <summary>Why it ended.</summary>
    public required StopReason Stop { get; init; }

    /// <summary>Commitments to every 32 tokens, with the values behind their hashes; empty where nothing was committed.</summary>
    public required IReadOnlyList<TextWindowEvidence> Windows { get; init; }

    /// <summary>Merkle root over the windows; zero where nothing was committed.</summary>
    public required Digest CommitRoot { get; init; }

    /// <summary>What ran it.</summary>
    public required DeviceDescription Device { get; init; }

    /// <summary>In which numeric mode.</summary>
    public required NumericMode Mode { get; init; }

    /// <summary>From submission to the last token.</summary>
    public required TimeSpan Elapsed { get; init; }
}
