using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Ogong.Kernels.Cpu;

/// <summary>A parallel region's body. Tasks are independent and may run in any order on any thread; a task must not start a region itself.</summary>
internal interface IParallelJob
{
    /// <summary>Runs task number <paramref name="task"/>, from 0.</summary>
    void Execute(int task);
}

/// <summary>
/// Persistent threads that run parallel regions without allocating. The caller takes part; threads claim tasks one by one; a region ends when all tasks have.
/// A worker that has seen no region for <see cref="SpinMicroseconds"/> parks and costs nothing; a region never waits for a parked worker that has not joined it.
/// Thread-safe: regions of several callers run one after the other.
/// </summary>
internal sealed unsafe class WorkerPool : IDisposable
{
    /// <summary>Long enough to bridge the serial gaps between the operations of one step, short enough not to matter to anybody else.</summary>
    private const int SpinMicroseconds = 50;

    private const int Closed = int.MinValue;
    private static readonly long SpinTicks = Stopwatch.Frequency * SpinMicroseconds / 1_000_000;

    private readonly Thread[] _workers;
    private readonly Lock _region = new();
    private readonly object _wake = new();
    private readonly object _done = new();
    private Shared _shared;
    private int _parked;
    private bool _callerParked;
    private volatile bool _disposed;

    private delegate*<void*, int, void> _execute;
    private void* _job;
    private int _tasks;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Starts <paramref name="threads"/> − 1 background threads; the caller of a region is the other one.</summary>
    public WorkerPool(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        Threads = threads;
        _shared.Entry = Closed;
        _workers = new Thread[threads - 1];
        for (int i = 0; i < _workers.Length; i++)
        {
            _workers[i] = new Thread(Work) { IsBackground = true, Name = $"ogong-cpu-{i + 1}" };
            _workers[i].Start();
        }
    }

    /// <summary>Threads that compute, the caller's included.</summary>
    public int Threads { get; }

    /// <summary>Runs tasks 0 … <paramref name="tasks"/> − 1 and returns when all have ended.</summary>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    /// <remarks>If tasks throw, the tasks not yet begun are abandoned and the first exception is rethrown here.</remarks>
    public void Run<TJob>(int tasks, TJob job) where TJob : unmanaged, IParallelJob
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (tasks <= 1 || _workers.Length == 0)
        {
            for (int task = 0; task < tasks; task++) job.Execute(task);
            return;
        }
        lock (_region) RunRegion(tasks, &Invoke<TJob>, &job);
    }

    public void Dispose()
    {
        lock (_region)
        {
            if (_disposed) return;
            _disposed = true;
            lock (_wake) Monitor.PulseAll(_wake);
        }
        foreach (Thread worker in _workers) worker.Join();
    }

    private static void Invoke<TJob>(void* job, int task) where TJob : unmanaged, IParallelJob => ((TJob*)job)->Execute(task);

    private void RunRegion(int tasks, delegate*<void*, int, void> execute, void* job)
    {
        _execute = execute;
        _job = job;
        _tasks = tasks;
        _failure = null;
        _shared.Next = 0;
        // Publishes the fields above: a worker reads them only after joining.
        Volatile.Write(ref _shared.Entry, 0);
        Interlocked.Increment(ref _shared.Generation);
        // The increment is a full barrier, as is a parking worker's: either it sees the new generation or we see it parked.
        if (Volatile.Read(ref _parked) > 0)
            lock (_wake) Monitor.PulseAll(_wake);

        ClaimTasks();
        // From here nobody joins; those who did are counted in the low bits.
        if (Interlocked.Or(ref _shared.Entry, Closed) != 0) AwaitWorkers();
        _failure?.Throw();
    }

    private void ClaimTasks()
    {
        try
        {
            for (int task; (task = Interlocked.Increment(ref _shared.Next) - 1) < _tasks;) _execute(_job, task);
        }
        catch (Exception exception)
        {
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(exception), null);
            Volatile.Write(ref _shared.Next, _tasks);
        }
    }

    private void AwaitWorkers()
    {
        long deadline = Stopwatch.GetTimestamp() + SpinTicks;
        while (Volatile.Read(ref _shared.Entry) != Closed)
        {
            Thread.SpinWait(1);
            if (Stopwatch.GetTimestamp() < deadline) continue;
            lock (_done)
            {
                Volatile.Write(ref _callerParked, true);
                Interlocked.MemoryBarrier();
                while (Volatile.Read(ref _shared.Entry) != Closed) Monitor.Wait(_done);
                _callerParked = false;
            }
        }
    }

    private void Work()
    {
        int seen = 0;
        while (AwaitRegion(ref seen))
        {
            if (!TryJoin()) continue;
            ClaimTasks();
            if (Interlocked.Decrement(ref _shared.Entry) != Closed || !Volatile.Read(ref _callerParked)) continue;
            lock (_done) Monitor.Pulse(_done);
        }
    }

    /// <summary>Waits for a generation other than <paramref name="seen"/>; false when the pool is disposed.</summary>
    private bool AwaitRegion(ref int seen)
    {
        long deadline = Stopwatch.GetTimestamp() + SpinTicks;
        while (Volatile.Read(ref _shared.Generation) == seen)
        {
            if (_disposed) return false;
            Thread.SpinWait(1);
            if (Stopwatch.GetTimestamp() < deadline) continue;
            lock (_wake)
            {
                Interlocked.Increment(ref _parked);
                while (Volatile.Read(ref _shared.Generation) == seen && !_disposed) Monitor.Wait(_wake);
                Interlocked.Decrement(ref _parked);
            }
        }
        seen = Volatile.Read(ref _shared.Generation);
        return true;
    }

    private bool TryJoin()
    {
        int entry = Volatile.Read(ref _shared.Entry);
        while (entry >= 0)
        {
            int before = Interlocked.CompareExchange(ref _shared.Entry, entry + 1, entry);
            if (before == entry) return true;
            entry = before;
        }
        return false;
    }

    /// <summary>What all threads write, each on cache lines of its own (two lines: adjacent ones are fetched in pairs).</summary>
    [StructLayout(LayoutKind.Explicit, Size = 512)]
    private struct Shared
    {
        /// <summary>Regions begun.</summary>
        [FieldOffset(128)] public int Generation;

        /// <summary>Next task to claim.</summary>
        [FieldOffset(256)] public int Next;

        /// <summary>Workers inside the region, and <see cref="Closed"/> when no more may join.</summary>
        [FieldOffset(384)] public int Entry;
    }
}
