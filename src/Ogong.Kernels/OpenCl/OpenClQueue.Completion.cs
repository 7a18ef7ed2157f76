using Ogong.Compute;
using Ogong.Kernels.Device;
using Ogong.Native.OpenCl;

namespace Ogong.Kernels.OpenCl;

/// <summary>Completion: the fault words of what was enqueued are read back, a thread of the queue waits for the device, and then reads land.</summary>
internal sealed unsafe partial class OpenClQueue
{
    private CompletionWaiter? _waiter;
    private uint* _landedFaults;
    private volatile bool _busy;

    public override ValueTask CompleteAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (cancellationToken.IsCancellationRequested)
        {
            _pending.Drop();
            return ValueTask.FromCanceled(cancellationToken);
        }
        if (!_busy) return ValueTask.CompletedTask;
        try
        {
            _landedFaults = (uint*)_reads.Take(Math.Max(_faults.Count, 1) * sizeof(uint)).Pointer;
            if (_faults.Count > 0) _queue.Read(_faultWords.Memory, 0, _landedFaults, _faults.Count * sizeof(uint));
            _queue.Flush();
        }
        catch (OpenClException exception)
        {
            _pending.Drop();
            return ValueTask.FromException(exception);
        }
        _waiter ??= new CompletionWaiter(_queue.Finish, Finish, _pending.Drop);
        return _waiter.WaitAsync(cancellationToken);
    }

    /// <summary>Waits for the device; for whoever is about to release what the queue may be using.</summary>
    private void Drain()
    {
        if (!_busy) return;
        try
        {
            _queue.Finish();
        }
        catch (OpenClException)
        {
            // A device that has failed runs nothing any more. Whoever completes the queue is told.
        }
    }

    /// <summary>What follows once the device has run everything.</summary>
    /// <exception cref="NonFiniteException">An output was not finite.</exception>
    private void Finish()
    {
        _pending.Land();
        int count = _faults.Count;
        int first = new ReadOnlySpan<uint>(_landedFaults, count).IndexOfAnyExcept(uint.MaxValue);
        uint index = first < 0 ? 0 : _landedFaults[first];
        _reads.Reset();
        _writes.Reset();
        _busy = false;
        if (first < 0)
        {
            _faults.Reset();
            return;
        }
        NonFiniteException fault = _faults.Decode(((ulong)first << FaultTable.IndexBits) | index);
        _faults.Reset();
        ClearFaults(count);
        throw fault;
    }

    private void ClearFaults(int count)
    {
        _busy = true;
        _queue.Fill(_faultWords.Memory, uint.MaxValue, 0, count * sizeof(uint));
    }
}
