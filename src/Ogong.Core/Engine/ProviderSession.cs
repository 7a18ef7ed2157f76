using Ogong.Bytes;
using Ogong.Cohorts;
using Ogong.Compute;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Engine;

/// <summary>
/// One order's run through the segment of a host, whatever it computes: what is the same for every kind are the order of checks, the upstream provider's statements, the turns on the device, the
/// failures, and the signing.
/// </summary>
internal abstract class ProviderSession(HostDesk desk, SemaphoreSlim turn, SegmentPlace place, Digest orderHash, HybridPublicKey? upstream) : ISegmentSession
{
    private HybridPublicKey? _upstream = upstream;
    private bool _broken;
    private bool _closed;

    protected HostDesk Desk => desk;

    protected SegmentPlace Place => place;

    protected Digest OrderHash => orderHash;

    /// <summary>Whether the reply may be over: something was computed, and the last segment has come to the end.</summary>
    protected abstract bool CanFinish { get; }

    public async ValueTask<SegmentStepResult> StepAsync(SegmentStep step, TimeSpan deadline, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        if (Objection(step) is { } reason) throw desk.Refuse(reason);
        if (_broken) throw desk.Refuse("The session failed before.");
        // Until the step is through, the session is in no state to take another.
        _broken = true;
        TakeUpstreamKey(step.UpstreamKey);
        SegmentStepResult result = await RunAsync(step, cancellationToken).ConfigureAwait(false);
        _broken = false;
        return result;
    }

    public async ValueTask<SegmentClosing> FinishAsync(SegmentFinish finish, TimeSpan deadline, CancellationToken cancellationToken)
    {
        if (_broken || !CanFinish) throw desk.Refuse("The reply is not over.");
        _broken = true;
        TakeUpstreamKey(finish.UpstreamKey);
        return await CloseAsync(finish, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync()
    {
        if (_closed) return ValueTask.CompletedTask;
        _closed = true;
        Release();
        desk.Leave();
        return ValueTask.CompletedTask;
    }

    /// <summary>Why a step cannot follow, or has another size than it says; null if it can.</summary>
    protected abstract string? Objection(SegmentStep step);

    /// <summary>Checks a step's input, computes and signs.</summary>
    protected abstract ValueTask<SegmentStepResult> RunAsync(SegmentStep step, CancellationToken cancellationToken);

    /// <summary>Signs the whole.</summary>
    protected abstract ValueTask<SegmentClosing> CloseAsync(SegmentFinish finish, CancellationToken cancellationToken);

    /// <summary>Gives back what the session held.</summary>
    protected abstract void Release();

    /// <summary>Checks that the provider before signed what was received: its output of one window.</summary>
    /// <param name="statements">What the lead relayed of its statements.</param>
    /// <param name="segment">The segment before.</param>
    /// <param name="window">The window.</param>
    /// <param name="rows">Rows of the window.</param>
    /// <param name="received">Hash of what was received.</param>
    protected void CheckUpstream(IReadOnlyList<Signed<BoundaryStatement>> statements, int segment, int window, int rows, Digest received)
    {
        Signed<BoundaryStatement>? signed = statements.FirstOrDefault(s => s.Message.Window == window);
        if (signed?.Message is not { } statement) throw desk.Refuse($"The upstream provider signed nothing about window {window}.");
        bool fits = statement.OrderHash == orderHash && statement.Segment == segment && statement.Rows == rows && statement.OutputHash == received;
        if (!fits || !signed.IsValid(_upstream!)) throw desk.Refuse($"Window {window} is not what the upstream provider signed.");
    }

    /// <summary>Uses the device while no other session does, and turns what goes wrong there into this provider's failures.</summary>
    protected async ValueTask InTurnAsync(Func<ValueTask> run, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await run().ConfigureAwait(false);
        }
        catch (NonFiniteException exception)
        {
            throw desk.Fail(SegmentFailure.Faulted, exception.Message, exception);
        }
        catch (SessionFault fault)
        {
            throw desk.Refuse(fault.Message, fault);
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or SegmentException or ArgumentException or InvalidOperationException))
        {
            // The device: lost, or out of memory. Misuse inside this program is none of the lead's business.
            throw desk.Fail(SegmentFailure.Faulted, exception.Message, exception);
        }
        finally
        {
            turn.Release();
        }
    }

    protected Signed<BoundaryStatement> Sign(int window, int rows, Digest input, Digest output, Digest sketch = default) => new BoundaryStatement
    {
        OrderHash = orderHash,
        Segment = place.Segment,
        Attempt = place.Attempt,
        Window = window,
        Rows = rows,
        InputHash = input,
        OutputHash = output,
        SketchHash = sketch,
        ProviderKeyId = desk.KeyId,
    }.Sign(desk.Signer);

    protected Signed<SegmentAttestation> Attest(int width, int rows, Digest input, Digest output, ulong workUnits, StopReason? stop, Digest sketches = default) => new SegmentAttestation
    {
        OrderHash = orderHash,
        ModelRoot = desk.ModelRoot,
        Segment = place.Segment,
        Segments = place.Segments,
        FirstLayer = place.FirstLayer,
        EndLayer = place.EndLayer,
        Layers = desk.ModelLayers,
        Width = width,
        Rows = rows,
        InputRoot = input,
        OutputRoot = output,
        SketchRoot = sketches,
        WorkUnits = workUnits,
        StopReason = stop,
        ProviderKeyId = desk.KeyId,
    }.Sign(desk.Signer);

    private void TakeUpstreamKey(ReadOnlyMemory<byte> key)
    {
        if (!key.IsEmpty) _upstream = desk.DecodeUpstream(key);
    }
}

/// <summary>What a session was asked for does not fit what it computes; it becomes a refusal.</summary>
internal sealed class SessionFault(string message) : Exception(message);
