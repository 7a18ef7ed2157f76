using Ogong.Compute;
using Ogong.Kernels.Device;
using Ogong.Native.Cuda;

namespace Ogong.Kernels.Cuda;

/// <summary>
/// Completion: the fault word is read back, an event marks the end, and when the device has passed it reads land. Where it already has, nothing is allocated and no thread is involved.
/// </summary>
internal sealed unsafe partial class CudaQueue
{
    private readonly CudaEvent _event;
    private readonly PinnedMemory _landedFault;
    private CompletionWaiter? _waiter;
    private volatile bool _busy;

    /// <summary>Whether the last thing enqueued copies the fault word back.</summary>
    private bool _faultRead;
    private bool _disposed;

    /// <summary>Whether anything may still be running on the device.</summary>
    internal bool Busy => _busy;

    public override ValueTask CompleteAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (cancellationToken.IsCancellationRequested) return Cancelled(cancellationToken);
        try
        {
            LeaveStep();
            if (!_busy) return ValueTask.CompletedTask;
            if (!_faultRead) _stream.CopyToHost(_landedFault, _faultWord.Range(0, sizeof(ulong)));
            _event.Record(_stream);
            if (!_event.Query())
            {
                _waiter ??= new CompletionWaiter(_event.Synchronize, Finish, _pending.Drop);
                return _waiter.WaitAsync(cancellationToken);
            }
            Finish();
            return ValueTask.CompletedTask;
        }
        catch (Exception exception) when (exception is CudaException or NonFiniteException)
        {
            _pending.Drop();
            return ValueTask.FromException(exception);
        }
    }

    /// <summary>Waits for the device; for whoever is about to release what the queue may be using.</summary>
    internal void Drain()
    {
        if (!_busy) return;
        try
        {
            _stream.Synchronize();
        }
        catch (CudaException)
        {
            // A device that has failed runs nothing any more. Whoever completes the queue is told.
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (_disposed || !disposing) return;
        _disposed = true;
        Drain();
        Backend.Forget(this);
        _waiter?.Dispose();
        _pending.Drop();
        foreach (RecordedStep step in _steps) step.Dispose();
        ReadOnlySpan<IDisposable?> owned = [_faultWord, _landedFault, _reads, _writes, _event, _capture, _scratch, _tokenCaches, _cublas, _stream];
        foreach (IDisposable? item in owned) item?.Dispose();
    }

    /// <summary>What follows once the device has run everything.</summary>
    /// <exception cref="NonFiniteException">An output was not finite.</exception>
    private void Finish()
    {
        _pending.Land();
        _reads.Reset();
        _writes.Reset();
        foreach (RecordedStep step in _steps) step.InFlight = false;
        _busy = false;
        ulong word = *(ulong*)_landedFault.Pointer;
        if (word == FaultTable.None)
        {
            _faults.Reset();
            return;
        }
        NonFiniteException fault = _faults.Decode(word);
        _faults.Reset();
        ClearFault();
        throw fault;
    }

    private void ClearFault()
    {
        (_busy, _faultRead) = (true, false);
        _stream.Fill(_faultWord.Pointer, 0xFF, sizeof(ulong));
    }

    /// <summary>What was read so far has no destination any more; the work itself goes on, and a later completion covers it.</summary>
    private ValueTask Cancelled(CancellationToken cancellationToken)
    {
        _pending.Drop();
        return ValueTask.FromCanceled(cancellationToken);
    }
}
