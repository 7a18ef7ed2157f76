using Ogong.Bytes;
using Ogong.Cohorts;
using Ogong.Signatures;

namespace Ogong.Tests.Engine;

/// <summary>Passes everything on until a position is reached, then fails for good. At <see cref="int.MaxValue"/> it fails when asked to sign off.</summary>
internal sealed class FailingTransport(ISegmentTransport inner, int position, SegmentFailure failure = SegmentFailure.Unreachable) : ISegmentTransport
{
    public HybridPublicKey ProviderKey => inner.ProviderKey;

    public async ValueTask<ISegmentSession> OpenAsync(SegmentOpening opening, TimeSpan deadline, CancellationToken cancellationToken = default) =>
        new Session(await inner.OpenAsync(opening, deadline, cancellationToken), this);

    private SegmentException Failure() => new(failure, new Digest(ProviderKey.KeyId), "It was killed by the test.");

    private sealed class Session(ISegmentSession session, FailingTransport transport) : ISegmentSession
    {
        public ValueTask<SegmentStepResult> StepAsync(SegmentStep step, TimeSpan deadline, CancellationToken cancellationToken) =>
            step.FirstPosition + step.Rows > transport.Position ? throw transport.Failure() : session.StepAsync(step, deadline, cancellationToken);

        public ValueTask<SegmentClosing> FinishAsync(SegmentFinish finish, TimeSpan deadline, CancellationToken cancellationToken) => throw transport.Failure();

        public ValueTask DisposeAsync() => session.DisposeAsync();
    }

    private int Position => position;
}

/// <summary>Flips one bit of what goes in, or of what comes out, at one position.</summary>
internal sealed class TamperingTransport(ISegmentTransport inner, int flipInputAt = -1, int flipOutputAt = -1) : ISegmentTransport
{
    public HybridPublicKey ProviderKey => inner.ProviderKey;

    public async ValueTask<ISegmentSession> OpenAsync(SegmentOpening opening, TimeSpan deadline, CancellationToken cancellationToken = default) =>
        new Session(await inner.OpenAsync(opening, deadline, cancellationToken), flipInputAt, flipOutputAt);

    private sealed class Session(ISegmentSession session, int flipInputAt, int flipOutputAt) : ISegmentSession
    {
        public async ValueTask<SegmentStepResult> StepAsync(SegmentStep step, TimeSpan deadline, CancellationToken cancellationToken)
        {
            SegmentStepResult result = await session.StepAsync(step with { Payload = Flip(step.Payload, step, flipInputAt) }, deadline, cancellationToken);
            return result with { Payload = Flip(result.Payload, step, flipOutputAt) };
        }

        public ValueTask<SegmentClosing> FinishAsync(SegmentFinish finish, TimeSpan deadline, CancellationToken cancellationToken) =>
            session.FinishAsync(finish, deadline, cancellationToken);

        public ValueTask DisposeAsync() => session.DisposeAsync();

        private static ReadOnlyMemory<byte> Flip(ReadOnlyMemory<byte> payload, SegmentStep step, int position)
        {
            if (position < step.FirstPosition || position >= step.FirstPosition + step.Rows) return payload;
            byte[] bytes = payload.ToArray();
            bytes[(position - step.FirstPosition) * (bytes.Length / step.Rows)] ^= 1;
            return bytes;
        }
    }
}
