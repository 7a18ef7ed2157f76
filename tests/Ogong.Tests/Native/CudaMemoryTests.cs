using System.Runtime.CompilerServices;
using NUnit.Framework;
using Ogong.Native.Cuda;
using Ogong.Tests.Emulator;

namespace Ogong.Tests.Native;

/// <summary>Devices, memory, copies and lifetimes, through the bindings, on the emulated driver.</summary>
[NonParallelizable]
internal sealed class CudaMemoryTests : CudaFixture
{
    [Test]
    public void The_driver_and_its_devices_describe_themselves()
    {
        var driver = CudaDriver.Load();
        CudaDevice device = Context.Device;
        Assert.That(driver.Version, Is.GreaterThanOrEqualTo(new Version(11, 4)));
        Assert.That(device.Name, Is.EqualTo("Ogong emulated device"));
        Assert.That(device.ComputeCapability, Is.EqualTo(new ComputeCapability(9, 0)));
        Assert.That(device.MultiprocessorCount, Is.EqualTo(device.GetAttribute(CudaDeviceAttribute.MultiprocessorCount)).And.Positive);
        Assert.That(device.GetAttribute(CudaDeviceAttribute.WarpSize), Is.EqualTo(32));
        Assert.That(device.Uuid, Is.Not.EqualTo(driver.GetDevice(0).Uuid));
        Assert.That(device.ToString(), Is.EqualTo($"{device.Ordinal}: {device.Name} (9.0)"));
        (long free, long total) = Context.MemoryInfo();
        Assert.That(free, Is.Positive.And.LessThanOrEqualTo(total));
        Assert.That(total, Is.EqualTo(device.TotalMemory));
        Assert.That(() => driver.GetDevice(driver.DeviceCount), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => driver.GetDevice(-1), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void A_second_driver_is_refused()
    {
        string other = Path.Combine(AppContext.BaseDirectory, "libother.so");
        Assert.That(CudaDriver.TryLoad(out _, out string? reason, other), Is.False);
        Assert.That(reason, Does.Contain("bound to").And.Contain(other));
        Assert.That(() => CudaDriver.Load(other), Throws.InstanceOf<NotSupportedException>().With.Message.Contains(other));
    }

    [Test]
    public void What_is_written_is_read_back()
    {
        using var memory = Context.Allocate(1024);
        using var copy = Context.Allocate(1024);
        int[] sent = [.. Enumerable.Range(0, 256)], received = new int[256], part = new int[2];
        Stream.Write<int>(memory, sent);
        Stream.Copy(copy, memory);
        Stream.Read<int>(copy, received);
        Assert.That(received, Is.EqualTo(sent));
        Stream.Read<int>(copy.Slice(40, 8), part);
        Assert.That(part, Is.EqualTo(new[] { 10, 11 }));
        Assert.That(memory.Pointer % 256, Is.Zero);
        Stream.Write<int>(memory, []);
        Stream.Read<int>(memory, []);
    }

    [Test]
    public void Fills_set_bytes_and_words()
    {
        using var memory = Context.Allocate(16);
        var words = new uint[4];
        Stream.Fill(memory, 0x01020304u);
        Stream.Fill(memory.Slice(4, 4), (byte)0xEE);
        Stream.Fill(memory.Pointer + 8, 0xAB, 4);
        Stream.Read<uint>(memory, words);
        Assert.That(words, Is.EqualTo(new uint[] { 0x01020304, 0xEEEEEEEE, 0xABABABAB, 0x01020304 }));
        Assert.That(() => Stream.Fill(memory.Slice(0, 3), 1u), Throws.ArgumentException);
    }

    [Test]
    public void Pinned_memory_is_copied_from_any_offset()
    {
        using var memory = Context.Allocate(8);
        using var pinned = Context.AllocatePinned(64);
        for (int i = 0; i < 16; i++)
            pinned.AsSpan<int>()[i] = i;
        Stream.CopyToDevice(memory, pinned, 20);
        Stream.CopyToHost(pinned, memory);
        Stream.Synchronize();
        Assert.That(pinned.AsSpan<int>(0, 3).ToArray(), Is.EqualTo(new[] { 5, 6, 2 }));
        Assert.That(Stream.Query(), Is.True);
    }

    [Test]
    public void Ranges_are_checked()
    {
        using var memory = Context.Allocate(16);
        using var other = Context.Allocate(32);
        using var pinned = Context.AllocatePinned(16);
        Assert.Multiple(() =>
        {
            Assert.That(() => Context.Allocate(0), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => Context.AllocatePinned(-1), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => memory.Slice(8, 9), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => memory.Slice(17, 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => memory.Slice(-1, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => Stream.Write<int>(memory, new int[5]), Throws.ArgumentException);
            Assert.That(() => Stream.Read<int>(memory, new int[5]), Throws.ArgumentException);
            Assert.That(() => Stream.Copy(memory, other), Throws.ArgumentException);
            Assert.That(() => Stream.CopyToDevice(other, pinned), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => Stream.CopyToHost(pinned, memory, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => pinned.AsSpan<int>(2).Length, Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => pinned.AsSpan<int>(0, 5).Length, Throws.InstanceOf<ArgumentOutOfRangeException>());
        });
    }

    [Test]
    public void Running_out_of_memory_says_how_much_was_asked_for()
    {
        long bytes = Context.Device.TotalMemory + 1;
        using var pool = Context.CreateMemoryPool();
        foreach (Action allocate in new Action[] { () => Context.Allocate(bytes), () => pool.AllocateAsync(bytes, Stream) })
        {
            var e = Assert.Throws<CudaException>(allocate)!;
            Assert.That(e.IsOutOfMemory, Is.True);
            Assert.That((e.Name, e.Code), Is.EqualTo(("CUDA_ERROR_OUT_OF_MEMORY", 2)));
            Assert.That(e.Text, Does.Contain($"{bytes:N0} bytes of device memory"));
            Assert.That(e.Message, Does.StartWith(e.Call + " failed: "));
        }
    }

    [Test]
    public void A_pool_counts_what_it_gives()
    {
        using var pool = Context.CreateMemoryPool();
        using (var first = pool.AllocateAsync(1 << 20, Stream))
        {
            Assert.That(pool.UsedBytes, Is.GreaterThanOrEqualTo(1 << 20));
            Assert.That(pool.ReservedBytes, Is.GreaterThanOrEqualTo(pool.UsedBytes));
        }

        Stream.Synchronize();
        Assert.That(pool.UsedBytes, Is.Zero);
        Assert.That(pool.UsedBytesHigh, Is.GreaterThanOrEqualTo(1 << 20));
        Assert.That(pool.ReservedBytesHigh, Is.GreaterThanOrEqualTo(1 << 20));
        pool.Trim();
        pool.ResetHighWaterMarks();
        Assert.That((pool.UsedBytesHigh, pool.ReservedBytes), Is.EqualTo((0L, 0L)));
    }

    [Test]
    public void Owners_may_be_disposed_twice_and_in_any_order()
    {
        var context = Context.Device.RetainPrimaryContext();
        var stream = context.CreateStream();
        var pool = context.CreateMemoryPool();
        var memory = pool.AllocateAsync(64, stream);
        IDisposable[] owners = [context, stream, pool, memory, context.Allocate(64), context.AllocatePinned(64), context.CreateEvent()];
        foreach (var owner in owners.Concat(owners))
            owner.Dispose();
        Assert.That(() => memory.Pointer, Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => stream.Synchronize(), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => pool.AllocateAsync(1, Stream), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(context.CreateStream, Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void Lost_memory_is_freed_even_during_a_capture()
    {
        using var pool = Context.CreateMemoryPool();
        using var stream = Context.CreateStream();
        Lose(pool, stream);
        Assert.That(pool.UsedBytes, Is.Positive);
        stream.BeginCapture();
        for (int i = 0; i < 10 && pool.UsedBytes > 0; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        using (stream.EndCapture())
            Assert.That(pool.UsedBytes, Is.Zero);
    }

    [TestCase("cuMemAlloc")]
    [TestCase("cuMemHostAlloc")]
    [TestCase("cuMemPoolCreate")]
    [TestCase("cuMemPoolSetAttribute")]
    [TestCase("cuStreamCreate")]
    [TestCase("cuEventCreate")]
    [TestCase("cuMemGetInfo")]
    [TestCase("cuCtxSynchronize")]
    [TestCase("cuMemcpyHtoDAsync")]
    [TestCase("cuMemcpyDtoHAsync")]
    [TestCase("cuMemcpyDtoDAsync")]
    [TestCase("cuMemsetD8Async")]
    [TestCase("cuMemsetD32Async")]
    [TestCase("cuStreamSynchronize")]
    [TestCase("cuStreamQuery")]
    [TestCase("cuEventRecord")]
    [TestCase("cuEventQuery")]
    [TestCase("cuEventSynchronize")]
    [TestCase("cuStreamWaitEvent")]
    public void A_failing_call_is_named(string call)
    {
        using var failure = EmulatedCuda.Fail($"{call}:1=1@{(int)EmulatedCuda.Device.Bindings}");
        var e = Assert.Throws<CudaException>(UseEverything)!;
        Assert.That(e.Call, Does.StartWith(call));
        Assert.That((e.Name, e.Code), Is.EqualTo(("CUDA_ERROR_INVALID_VALUE", 1)));
        Assert.DoesNotThrow(UseEverything, "after the failure");
    }

    private void UseEverything()
    {
        Context.MemoryInfo();
        using var stream = Context.CreateStream();
        using var memory = Context.Allocate(16);
        using var pool = Context.CreateMemoryPool();
        using var pinned = Context.AllocatePinned(16);
        using var point = Context.CreateEvent();
        stream.Fill(memory, (byte)1);
        stream.Fill(memory, 1u);
        stream.CopyToDevice(memory, pinned);
        stream.CopyToHost(pinned, memory);
        stream.Copy(memory.Slice(0, 8), memory.Slice(8, 8));
        point.Record(stream);
        stream.Wait(point);
        point.Synchronize();
        point.Query();
        stream.Query();
        stream.Synchronize();
        Context.Synchronize();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Lose(CudaMemoryPool pool, CudaStream stream) => pool.AllocateAsync(4096, stream);
}
