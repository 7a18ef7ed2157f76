using Ogong.Records;

namespace Ogong.Cohorts;

/// <summary>Where in a cohort a provider stands.</summary>
public sealed record SegmentPlace
{
    /// <summary>Index of the segment, from 0.</summary>
    public required int Segment { get; init; }

    /// <summary>Segments of the cohort.</summary>
    public required int Segments { get; init; }

    /// <summary>First layer.</summary>
    public required int FirstLayer { get; init; }

    /// <summary>One past the last layer.</summary>
    public required int EndLayer { get; init; }

    /// <summary>Which attempt at this segment, counted by the lead; goes into the statements.</summary>
    public required int Attempt { get; init; }

    /// <summary>Public key of the provider of the segment before, whose statements this one checks; empty where there is none.</summary>
    public ReadOnlyMemory<byte> UpstreamKey { get; init; }
}

/// <summary>What a lead asks of the provider of one segment. Its parts have canonical encodings, states and tokens are little-endian bytes, so any transport can carry it.</summary>
public abstract record SegmentOpening
{
    /// <summary>Where the provider stands.</summary>
    public required SegmentPlace Place { get; init; }

    /// <summary>The public key of the consumer who signed the order.</summary>
    public required ReadOnlyMemory<byte> ConsumerKey { get; init; }
}

/// <summary>Opens a session for a text reply.</summary>
public sealed record TextOpening : SegmentOpening
{
    /// <summary>The consumer's order.</summary>
    public required Signed<Order> Order { get; init; }

    /// <summary>Tokens of the prompt, at least 1.</summary>
    public required int PromptLength { get; init; }
}
