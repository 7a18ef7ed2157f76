using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Ogong.Cli.Bench;

/// <summary>
/// The machine's measured limit for anything that streams weights: threads read one block of memory, each its own contiguous part, as fast as plain vector loads go.
/// The block must be larger than every cache.
/// </summary>
internal sealed unsafe class ReadBandwidth : IDisposable
{
    private readonly byte* _memory;
    private readonly long _part;
    private readonly Thread[] _threads;
    private readonly Barrier _barrier;
    private ulong _sink;
    private volatile bool _stop;

    /// <summary>Commits <paramref name="bytes"/> of memory and starts <paramref name="threads"/> − 1 threads.</summary>
    public ReadBandwidth(int threads, long bytes)
    {
        _part = bytes / threads / 4096 * 4096;
        Bytes = _part * threads;
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)Bytes, 4096);
        for (long i = 0; i < Bytes; i += 1 << 20) new Span<byte>(_memory + i, (int)Math.Min(1 << 20, Bytes - i)).Fill(1);
        _barrier = new Barrier(threads);
        _threads = [.. Enumerable.Range(1, threads - 1).Select(i => new Thread(() => Loop(i)) { IsBackground = true })];
        foreach (Thread thread in _threads) thread.Start();
    }

    /// <summary>Bytes one <see cref="Run"/> reads.</summary>
    public long Bytes { get; }

    /// <summary>Reads the block once; returns the seconds it took.</summary>
    public double Run()
    {
        _barrier.SignalAndWait();
        long start = Stopwatch.GetTimestamp();
        Read(0);
        _barrier.SignalAndWait();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public void Dispose()
    {
        _stop = true;
        _barrier.SignalAndWait();
        foreach (Thread thread in _threads) thread.Join();
        _barrier.Dispose();
        NativeMemory.AlignedFree(_memory);
    }

    private void Loop(int part)
    {
        while (true)
        {
            _barrier.SignalAndWait();
            if (_stop) return;
            Read(part);
            _barrier.SignalAndWait();
        }
    }

    private void Read(int part)
    {
        ulong sum = Sum(_memory + (part * _part), _part);
        Interlocked.Add(ref _sink, sum);
    }

    private static ulong Sum(byte* from, long bytes)
    {
        Vector512<ulong> a = default, b = default, c = default, d = default;
        for (byte* end = from + bytes; from < end; from += 256)
        {
            a += Vector512.Load((ulong*)from);
            b += Vector512.Load((ulong*)(from + 64));
            c += Vector512.Load((ulong*)(from + 128));
            d += Vector512.Load((ulong*)(from + 192));
        }
        return Vector512.Sum(a + b + (c + d));
    }
}
