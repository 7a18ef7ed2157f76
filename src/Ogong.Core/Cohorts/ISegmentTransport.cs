using Ogong.Signatures;

namespace Ogong.Cohorts;

/// <summary>
/// A way to one provider. Every call has a deadline; one that is not met ends in <see cref="SegmentFailure.DeadlineExceeded"/> and the session with it. A provider that has no room
/// says <see cref="SegmentFailure.Busy"/> at once rather than queueing. Thread-safe.
/// </summary>
public interface ISegmentTransport
{
    /// <summary>The provider's public key.</summary>
    HybridPublicKey ProviderKey { get; }

    /// <summary>Opens a session for one order.</summary>
    /// <exception cref="SegmentException">The provider refused, is busy, or could not be reached in time.</exception>
    ValueTask<ISegmentSession> OpenAsync(SegmentOpening opening, TimeSpan deadline, CancellationToken cancellationToken = default);
}

/// <summary>
/// One order's run through one segment. At most one call at a time: the answer to a step is the back-pressure that paces the next. After a <see cref="SegmentException"/>
/// the session can only be disposed. Not thread-safe.
/// </summary>
public interface ISegmentSession : IAsyncDisposable
{
    /// <summary>Runs the next rows.</summary>
    /// <exception cref="SegmentException">The provider failed or refused.</exception>
    ValueTask<SegmentStepResult> StepAsync(SegmentStep step, TimeSpan deadline, CancellationToken cancellationToken = default);

    /// <summary>Ends the reply: closes the last window against the upstream provider's statement on it, if it was short, and signs the whole.</summary>
    /// <exception cref="SegmentException">The provider failed or refused.</exception>
    ValueTask<SegmentClosing> FinishAsync(SegmentFinish finish, TimeSpan deadline, CancellationToken cancellationToken = default);
}
