using Ogong.Bytes;

namespace Ogong.Cohorts;

/// <summary>Why a provider did not do what it was asked.</summary>
public enum SegmentFailure : byte
{
    /// <summary>It could not be reached, or the connection broke.</summary>
    Unreachable = 1,

    /// <summary>It did not answer in time.</summary>
    DeadlineExceeded = 2,

    /// <summary>It has no room for another session now. Back-pressure: nothing is queued beyond what a provider advertises.</summary>
    Busy = 3,

    /// <summary>What it received is not what the provider before it signed, or not something it agreed to run.</summary>
    Refused = 4,

    /// <summary>Its computation failed: a value was not finite, or a self-check found a hardware fault.</summary>
    Faulted = 5,

    /// <summary>What it sent is not what it signed, or not well formed.</summary>
    Misbehaved = 6,
}

/// <summary>A provider failed; the session it was in is over.</summary>
/// <param name="failure">How.</param>
/// <param name="provider">Key id of the provider.</param>
/// <param name="message">What happened.</param>
/// <param name="inner">What caused it, if anything.</param>
public sealed class SegmentException(SegmentFailure failure, Digest provider, string message, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>How it failed.</summary>
    public SegmentFailure Failure { get; } = failure;

    /// <summary>Key id of the provider.</summary>
    public Digest Provider { get; } = provider;
}
