using Ogong.Bytes;
using Ogong.Cohorts;
using Ogong.Signatures;

namespace Ogong.Engine;

/// <summary>Reaches a provider in the same process. Thread-safe.</summary>
public sealed class InProcessTransport(ISegmentHost host) : ISegmentTransport
{
    /// <inheritdoc/>
    public HybridPublicKey ProviderKey => host.PublicKey;

    /// <inheritdoc/>
    public ValueTask<ISegmentSession> OpenAsync(SegmentOpening opening, TimeSpan deadline, CancellationToken cancellationToken = default) =>
        WithinAsync(() => ValueTask.FromResult<ISegmentSession>(new Session(host.Open(opening), host.KeyId)), deadline, host.KeyId, cancellationToken);

    private static async ValueTask<T> WithinAsync<T>(Func<ValueTask<T>> call, TimeSpan deadline, Digest provider, CancellationToken cancellationToken)
    {
        try
        {
            // On another thread, because a host backend computes on the caller's: a deadline must hold even against a provider that never yields.
            return await Task.Run(() => call().AsTask(), cancellationToken).WaitAsync(deadline, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException exception)
        {
            throw new SegmentException(SegmentFailure.DeadlineExceeded, provider, $"The provider did not answer within {deadline}.", exception);
        }
        catch (Exception exception) when (exception is not (SegmentException or OperationCanceledException))
        {
            // Whatever else goes wrong on the provider's side is the provider's failure, not the lead's.
            throw new SegmentException(SegmentFailure.Unreachable, provider, $"The provider failed: {exception.Message}", exception);
        }
    }

    private sealed class Session(ISegmentSession inner, Digest provider) : ISegmentSession
    {
        private Task _last = Task.CompletedTask;

        public ValueTask<SegmentStepResult> StepAsync(SegmentStep step, TimeSpan deadline, CancellationToken cancellationToken) =>
            WithinAsync(() => Track(inner.StepAsync(step, deadline, cancellationToken)), deadline, provider, cancellationToken);

        public ValueTask<SegmentClosing> FinishAsync(SegmentFinish finish, TimeSpan deadline, CancellationToken cancellationToken) =>
            WithinAsync(() => Track(inner.FinishAsync(finish, deadline, cancellationToken)), deadline, provider, cancellationToken);

        public async ValueTask DisposeAsync()
        {
            // A call whose deadline passed may still be running; its buffers go back only when it is done, which nobody waits for.
            if (_last.IsCompleted) await inner.DisposeAsync().ConfigureAwait(false);
            else _ = _last.ContinueWith(_ => inner.DisposeAsync().AsTask(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        private ValueTask<T> Track<T>(ValueTask<T> call)
        {
            Task<T> task = call.AsTask();
            _last = task;
            return new ValueTask<T>(task);
        }
    }
}
