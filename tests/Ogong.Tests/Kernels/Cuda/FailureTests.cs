using NUnit.Framework;
using Ogong.Compute;
using Ogong.Kernels.Cuda;
using Ogong.Native.Cuda;
using Ogong.Tests.Emulator;

namespace Ogong.Tests.Kernels.Cuda;

/// <summary>What the driver may answer on a bad day: not yet, out of memory, gone.</summary>
[TestFixture]
[NonParallelizable] // injected failures are the process's
internal sealed class FailureTests
{
    private const int OutOfMemory = 2, Unknown = 999, NotReady = 600, NotSupported = 801;
    private const EmulatedCuda.Device Device = EmulatedCuda.Device.Backend;

    [SetUp]
    public void NeedsTheEmulator()
    {
        if (CudaCase.IsReal) Assert.Ignore("A real device does not fail when told to.");
        EmulatedCuda.Require(Device);
    }

    [Test]
    public async Task A_completion_waits_where_the_device_is_not_done([Values] bool replayed)
    {
        using CudaBackend backend = CudaCase.Create(device: Device);
        using ComputeQueue queue = backend.CreateQueue();
        using DeviceBuffer x = backend.Allocate(8);
        float[] sums = new float[2];
        for (int i = 0; i < 4; i++)
        {
            using IDisposable? busy = i == 3 ? EmulatedCuda.Fail($"cuEventQuery:1={NotReady}@{(int)Device}") : null;
            if (replayed) queue.BeginStep(1);
            queue.Write<float>([1f, 2f], x);
            queue.Residual(x, x, 2);
            queue.Read<float>(x, sums);
            queue.EndStep();
            await queue.CompleteAsync();
            Assert.That(sums, Is.EqualTo(new[] { 2f, 4f }));
            sums.AsSpan().Clear();
        }
        Assert.That(backend.StepsReplayed, Is.EqualTo(replayed ? 2 : 0));
    }

    [Test]
    public async Task A_wait_that_is_cancelled_leaves_the_queue_usable()
    {
        using CudaBackend backend = CudaCase.Create(device: Device);
        using ComputeQueue queue = backend.CreateQueue();
        using DeviceBuffer x = backend.Allocate(8);
        float[] sums = new float[2];
        using (EmulatedCuda.Fail($"cuEventQuery:1={NotReady}@{(int)Device}"))
        {
            queue.Write<float>([1f, 2f], x);
            queue.Read<float>(x, sums);
            using var cancellation = new CancellationTokenSource();
            ValueTask wait = queue.CompleteAsync(cancellation.Token);
            cancellation.Cancel();
            try
            {
                await wait;
            }
            catch (OperationCanceledException)
            {
                Assert.That(sums, Is.All.Zero, "a read whose completion was cancelled does not land");
            }
        }
        queue.Residual(x, x, 2);
        queue.Read<float>(x, sums);
        await queue.CompleteAsync();
        Assert.That(sums, Is.EqualTo(new[] { 2f, 4f }));
    }

    [Test]
    public async Task Infinities_are_named_where_the_completion_waits()
    {
        using CudaBackend backend = CudaCase.Create(device: Device);
        using ComputeQueue queue = backend.CreateQueue();
        using DeviceBuffer x = backend.Allocate(8);
        using IDisposable busy = EmulatedCuda.Fail($"cuEventQuery:1={NotReady}@{(int)Device}");
        queue.Write<float>([1f, float.MaxValue], x);
        queue.Residual(x, x, 2);
        NonFiniteException? fault = await Assert.ThrowsAsync<NonFiniteException>(async () => await queue.CompleteAsync());
        Assert.That(fault!.Column, Is.EqualTo(1));
        await queue.CompleteAsync();
    }

    [Test]
    public void Memory_that_runs_out_is_named_and_nothing_is_lost()
    {
        using CudaBackend backend = CudaCase.Create(device: Device);
        long used = backend.Memory.Used;
        using (EmulatedCuda.Fail($"cuMemAllocFromPoolAsync:1={OutOfMemory}@{(int)Device}"))
        {
            OutOfMemoryException? refused = Assert.Throws<OutOfMemoryException>(() => backend.LoadWeight(new Inputs(1).Tensor(ElementType.F32, 3, 5, "model.norm.weight")).Dispose());
            Assert.That(refused!.Message, Does.Contain("weight model.norm.weight").And.Contain("60 bytes"));
        }
        using (EmulatedCuda.Fail($"cuMemcpyHtoDAsync:1={NotSupported}@{(int)Device}"))
            Assert.Throws<CudaException>(() => backend.LoadWeight(new Inputs(1).Tensor(ElementType.F32, 3, 5)).Dispose());
        Assert.That(backend.Memory.Used, Is.EqualTo(used));
        using Weight weight = backend.LoadWeight(new Inputs(1).Tensor(ElementType.F32, 3, 5));
    }

    [Test]
    public void Pinned_memory_that_runs_out_for_a_long_row_leaves_room_for_the_next_weight()
    {
        const int PinnedBytes = 16 << 20; // of the uploader, for rows up to that length
        using CudaBackend backend = CudaCase.Create(device: Device);
        using Weight before = backend.LoadWeight(new Inputs(1).Tensor(ElementType.F32, 3, 5));
        using (EmulatedCuda.Fail($"cuMemHostAlloc:1={OutOfMemory}@{(int)Device}"))
            Assert.Throws<CudaException>(() => backend.LoadWeight(new Inputs(1).Tensor(ElementType.F32, 1, (PinnedBytes / sizeof(float)) + 1)).Dispose());
        using Weight after = backend.LoadWeight(new Inputs(1).Tensor(ElementType.F32, 3, 5));
    }

    [Test]
    public async Task A_lost_device_ends_the_completion_with_its_error([Values] bool waiting)
    {
        CudaBackend backend = CudaCase.Create(device: Device);
        try
        {
            ComputeQueue queue = backend.CreateQueue();
            DeviceBuffer x = backend.Allocate(8);
            queue.Write<float>([1f, 2f], x);
            queue.Read<float>(x, new float[2]);
            EmulatedCuda.Lose(Device, Unknown);
            using (waiting ? EmulatedCuda.Fail($"cuEventQuery:1={NotReady}@{(int)Device}") : null)
                await Assert.ThrowsAsync<CudaException>(async () => await queue.CompleteAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30)));
            Assert.Throws<CudaException>(() => backend.Allocate(8).Dispose());
            x.Dispose();
            queue.Dispose();
        }
        finally
        {
            // Releasing the context of a lost device makes the device usable again.
            backend.Dispose();
        }
        using CudaBackend again = CudaCase.Create(device: Device);
        again.Allocate(8).Dispose();
    }
}
