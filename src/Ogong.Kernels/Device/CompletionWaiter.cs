using System.Threading.Tasks.Sources;

namespace Ogong.Kernels.Device;

/// <summary>
/// Waits for a device on a thread of its own, so that no thread of the pool blocks while the device works. Reusable: one wait at a time. The thread starts with the first wait.
/// </summary>
/// <param name="wait">Blocks until the device has done what was enqueued.</param>
/// <param name="finish">Run by whoever takes the result, when the device is done.</param>
/// <param name="abandon">Run when the wait is cancelled, or the device fails.</param>
internal sealed class CompletionWaiter(Action wait, Action finish, Action abandon) : IValueTaskSource, IDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _wanted = new(0);
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _registration;
    private Thread? _thread;
    private long _number;
    private bool _waiting;
    private volatile bool _disposed;

    /// <summary>Completes when the device is done.</summary>
    public ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        // A cancellation of an earlier wait, whose result nobody took, must not reach this one.
        _registration.Dispose();
        short version;
        lock (_gate)
        {
            if (_waiting) throw new InvalidOperationException("The queue is already completing: one caller at a time.");
            _core.Reset();
            (_waiting, version) = (true, _core.Version);
            _number++;
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "ogong device queue" };
                _thread.Start();
            }
        }
        _registration = cancellationToken.UnsafeRegister(static (state, token) => ((CompletionWaiter)state!).End(null, new OperationCanceledException(token)), this);
        _wanted.Release();
        return new ValueTask(this, version);
    }

    public void GetResult(short token)
    {
        _registration.Dispose();
        try
        {
            _core.GetResult(token);
        }
        catch
        {
            abandon();
            throw;
        }
        finish();
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    public void Dispose()
    {
        _disposed = true;
        _wanted.Release();
        _thread?.Join();
        _wanted.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            _wanted.Wait();
            if (_disposed) return;
            long number = Volatile.Read(ref _number);
            Exception? failure = null;
            try
            {
                wait();
            }
            catch (Exception exception)
            {
                // Whoever waits gets it.
                failure = exception;
            }
            End(number, failure);
        }
    }

    /// <summary>Ends the given wait, or whichever is in progress; one that has ended stays as it is.</summary>
    private void End(long? number, Exception? failure)
    {
        lock (_gate)
        {
            if (!_waiting || (number is { } ended && ended != _number)) return;
            _waiting = false;
        }
        if (failure is null) _core.SetResult(true);
        else _core.SetException(failure);
    }
}
