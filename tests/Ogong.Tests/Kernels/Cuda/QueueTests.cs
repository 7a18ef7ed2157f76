using NUnit.Framework;
using Ogong.Compute;
using Ogong.Kernels.Cuda;

namespace Ogong.Tests.Kernels.Cuda;

/// <summary>Copies, completions, cancellation and memory of the CUDA backend.</summary>
[TestFixture]
internal sealed class QueueTests
{
    private CudaBackend _backend = null!;

    [OneTimeSetUp]
    public void Create() => _backend = CudaCase.Create();

    [OneTimeTearDown]
    public void Release() => _backend?.Dispose();

    [Test]
    public async Task What_is_written_is_read_back_from_any_offset_and_of_any_size([Values(1, 1000, 3_000_000)] int count)
    {
        byte[] bytes = new byte[count], back = new byte[count], part = new byte[Math.Min(count, 5)];
        new Random(count).NextBytes(bytes);
        using DeviceBuffer buffer = _backend.Allocate(count + 3);
        using ComputeQueue queue = _backend.CreateQueue();
        queue.Write<byte>(bytes, buffer, 3);
        queue.Read<byte>(buffer, back, 3);
        queue.Read<byte>(buffer, part, count + 3 - part.Length);
        await queue.CompleteAsync();
        Assert.That(back.AsSpan().SequenceEqual(bytes));
        Assert.That(part, Is.EqualTo(bytes[^part.Length..]));
    }

    [Test]
    public async Task The_source_of_a_write_may_change_at_once()
    {
        float[] values = [1f, 2f], back = new float[2];
        using DeviceBuffer buffer = _backend.Allocate(8);
        using ComputeQueue queue = _backend.CreateQueue();
        queue.Write<float>(values, buffer);
        values.AsSpan().Clear();
        queue.Read<float>(buffer, back);
        await queue.CompleteAsync();
        Assert.That(back, Is.EqualTo(new[] { 1f, 2f }));
    }

    [Test]
    public async Task New_memory_is_zero_even_where_other_memory_was()
    {
        for (int i = 0; i < 3; i++)
        {
            byte[] bytes = new byte[5000];
            using DeviceBuffer buffer = _backend.Allocate(bytes.Length);
            using ComputeQueue queue = _backend.CreateQueue();
            queue.Read<byte>(buffer, bytes);
            await queue.CompleteAsync();
            Assert.That(bytes, Is.All.Zero);
            Array.Fill(bytes, (byte)0xAB);
            queue.Write<byte>(bytes, buffer);
            await queue.CompleteAsync();
        }
    }

    [Test]
    public async Task A_cancelled_completion_leaves_the_queue_usable()
    {
        using DeviceBuffer x = _backend.Allocate(8);
        using ComputeQueue queue = _backend.CreateQueue();
        using var cancellation = new CancellationTokenSource();
        float[] dropped = [-1f, -1f], back = new float[2];
        queue.Write<float>([1f, 2f], x);
        queue.Read<float>(x, dropped);
        cancellation.Cancel();
        await Assert.CatchAsync<OperationCanceledException>(async () => await queue.CompleteAsync(cancellation.Token));
        Assert.That(dropped, Is.EqualTo(new[] { -1f, -1f }), "a read whose completion was cancelled does not land");
        queue.Residual(x, x, 2);
        queue.Read<float>(x, back);
        await queue.CompleteAsync();
        Assert.That(back, Is.EqualTo(new[] { 2f, 4f }));
    }

    [Test]
    public async Task Queues_of_one_device_do_not_disturb_one_another()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(async () =>
        {
            using DeviceBuffer x = _backend.Allocate(4000), y = _backend.Allocate(4000);
            using ComputeQueue queue = _backend.CreateQueue();
            queue.Write<float>([.. Enumerable.Repeat(0f, 1000)], x);
            queue.Write<float>([.. Enumerable.Repeat((float)i, 1000)], y);
            for (int n = 0; n < 20; n++) queue.Residual(x, y, 1000);
            float[] sums = new float[1000];
            queue.Read<float>(x, sums);
            await queue.CompleteAsync();
            Assert.That(sums, Is.All.EqualTo(20f * i));
        })));
    }

    [Test]
    public void Memory_is_counted_and_comes_back()
    {
        using CudaBackend backend = CudaCase.Create();
        long before = backend.Memory.Used;
        DeviceBuffer buffer = backend.Allocate(1 << 20);
        Assert.That(backend.Memory.Used, Is.EqualTo(before + (1 << 20)));
        buffer.Dispose();
        buffer.Dispose();
        CudaMemoryUse use = backend.Memory;
        Assert.That((use.Used, use.HighWater), Is.EqualTo((before, before + (1 << 20))));
        Assert.That(use.Reserved, Is.GreaterThanOrEqualTo(0).And.LessThanOrEqualTo(use.Total));
    }

    [Test]
    public void What_does_not_fit_is_refused_with_what_was_asked_for()
    {
        long total = _backend.Memory.Total;
        OutOfMemoryException? refused = Assert.Throws<OutOfMemoryException>(() => _backend.Allocate(2 * total).Dispose());
        Assert.That(refused!.Message, Does.Contain($"{2 * total:N0} bytes").And.Contain("a buffer").And.Contain($"of {total:N0}"));
        Assert.Throws<OutOfMemoryException>(() => _backend.CreateKvCache(new KvCacheShape(1000, 1000, 1000, 1000, ElementType.F32)).Dispose());
        _backend.Allocate(1000).Dispose();
    }

    [Test]
    public void A_buffer_of_another_backend_is_refused()
    {
        using var other = new Ogong.Kernels.Reference.ReferenceBackend();
        using DeviceBuffer buffer = other.Allocate(8);
        using ComputeQueue queue = _backend.CreateQueue();
        Assert.Throws<ArgumentException>(() => queue.Write<float>([1f], buffer));
    }
}
