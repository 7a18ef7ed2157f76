using System.Runtime.InteropServices;
using System.Text;
using NUnit.Framework;
using Ogong.Compute;

namespace Ogong.Tests.Kernels;

/// <summary>One use of a backend: makes buffers with a guard after their end, and collects what a step gave as bytes.</summary>
internal sealed class Step(IBackend backend) : IDisposable
{
    private const int GuardLength = 16;
    private static readonly uint[] Guard = [.. Enumerable.Repeat(0x7FC0_DEADu, GuardLength)];

    private readonly List<IDisposable> _owned = [];
    private readonly List<(DeviceBuffer Buffer, long ByteLength)> _guarded = [];

    public ComputeQueue Queue { get; } = backend.CreateQueue();

    /// <summary>A buffer of exactly these values, then a guard.</summary>
    public DeviceBuffer Upload<T>(params T[] values) where T : unmanaged
    {
        long bytes = (long)values.Length * Marshal.SizeOf<T>();
        DeviceBuffer buffer = Own(backend.Allocate(bytes + (4 * GuardLength)));
        Queue.Write<T>(values, buffer);
        Queue.Write<uint>(Guard, buffer, bytes);
        _guarded.Add((buffer, bytes));
        return buffer;
    }

    /// <summary>A buffer for a result: filled with NaNs, because what was there before must not matter.</summary>
    public DeviceBuffer Output(int count) => Upload([.. Enumerable.Repeat(0x7FC0_5EEDu, count)]);

    public Weight Load(ITensorSource source) => Own(backend.LoadWeight(source));

    public BatchLayout Batch(int rows, int sequences = 1, int pages = 1) => Own(new BatchLayout(backend, rows, sequences, pages));

    public KvCache Cache(KvCacheShape shape) => Own(backend.CreateKvCache(shape));

    /// <summary>Completes the step and returns the first <c>Count</c> words of each output, any NaN as one pattern; or, if a reduction was not finite, what the exception names.</summary>
    public async Task<byte[]> FinishAsync(params (DeviceBuffer Buffer, int Count)[] outputs)
    {
        uint[][] words = [.. outputs.Select(o => new uint[o.Count])], guards = [.. _guarded.Select(_ => new uint[GuardLength])];
        for (int i = 0; i < outputs.Length; i++) Queue.Read<uint>(outputs[i].Buffer, words[i]);
        for (int i = 0; i < guards.Length; i++) Queue.Read<uint>(_guarded[i].Buffer, guards[i], _guarded[i].ByteLength);
        string? fault = null;
        try
        {
            await Queue.CompleteAsync();
        }
        catch (NonFiniteException e)
        {
            fault = $"{e.Tensor} [{e.Row}, {e.Column}]";
        }
        foreach (uint[] guard in guards) Assert.That(guard.AsSpan().SequenceEqual(Guard), "Something was written past the end of a buffer.");
        if (fault is not null) return Encoding.UTF8.GetBytes(fault);
        return [.. words.SelectMany(w => w).SelectMany(w => BitConverter.GetBytes((w & 0x7FFF_FFFF) > 0x7F80_0000 ? 0x7FC0_0000 : w))];
    }

    public void Dispose()
    {
        Queue.Dispose();
        foreach (IDisposable owned in _owned) owned.Dispose();
    }

    private T Own<T>(T owned) where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }
}
