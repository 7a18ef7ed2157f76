using System.Collections.Immutable;

namespace Ogong.Records;

/// <summary>Why a reply ended.</summary>
public enum StopReason : byte
{
    /// <summary>The last token is one of the end tokens.</summary>
    EndToken = 1,

    /// <summary>The last tokens are one of the stop sequences.</summary>
    StopSequence = 2,

    /// <summary>The reply has as many tokens as were ordered.</summary>
    MaxTokens = 3,

    /// <summary>Every denoising step of a trajectory was run; never the end of a text reply.</summary>
    AllSteps = 4,
}

/// <summary>Decides when a reply is over; pure, so that an auditor decides the same. Thread-safe.</summary>
/// <param name="EndTokens">Tokens that end a reply and are its last token.</param>
/// <param name="StopSequences">Token sequences that end a reply and are its last tokens.</param>
/// <param name="MaxTokens">Most generated tokens.</param>
public sealed record StopRule(ImmutableArray<int> EndTokens, ImmutableArray<ImmutableArray<int>> StopSequences, int MaxTokens)
{
    /// <summary>
    /// Why the generated tokens <paramref name="reply"/> are over, or null if they are not. An end token decides before a stop sequence, that before the length; a stop sequence matches generated tokens only.
    /// </summary>
    public StopReason? Decide(ReadOnlySpan<int> reply)
    {
        if (reply.IsEmpty) return null;
        if (EndTokens.AsSpan().Contains(reply[^1])) return StopReason.EndToken;
        foreach (ImmutableArray<int> sequence in StopSequences)
            if (reply.EndsWith(sequence.AsSpan())) return StopReason.StopSequence;
        return reply.Length >= MaxTokens ? StopReason.MaxTokens : null;
    }
}
