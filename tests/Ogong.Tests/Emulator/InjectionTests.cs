using NUnit.Framework;
using Ogong.Native.Cuda;

namespace Ogong.Tests.Emulator;

/// <summary>Failures that tests ask for, memory that runs out, and devices that are lost.</summary>
[TestFixture]
internal sealed class InjectionTests
{
    private const string Kernels = "extern \"C\" __global__ void set(Args p) { p.y[threadIdx.x] = (float)p.n; }";

    private EmulatedProgram _program = null!;
    private DeviceMemory _y = null!;

    [SetUp]
    public void Create()
    {
        _program = new EmulatedProgram(Kernels, EmulatedCuda.Device.Injection);
        _y = _program.Context.Allocate(128);
    }

    [TearDown]
    public void Release()
    {
        _y?.Dispose();
        _program?.Dispose();
    }

    [Test]
    public void The_chosen_call_fails_and_no_other()
    {
        using IDisposable failing = EmulatedCuda.Fail($"cuMemAlloc:2=2@{(int)EmulatedCuda.Device.Injection}");
        _program.Context.Allocate(4).Dispose();
        CudaException? failure = Assert.Throws<CudaException>(() => _program.Context.Allocate(1234));
        Assert.That((failure!.Call, failure.IsOutOfMemory), Is.EqualTo(("cuMemAlloc_v2", true)));
        Assert.That(failure.Text, Does.Contain("1,234 bytes"));
        _program.Context.Allocate(4).Dispose();
    }

    [Test]
    public void A_kernel_fails_where_it_runs_and_not_where_it_is_launched()
    {
        using IDisposable failing = EmulatedCuda.Fail($"set:2=719@{(int)EmulatedCuda.Device.Injection}");
        for (int n = 1; n <= 3; n++) _program.Launch("set", 1, 32, _y, _y, n);
        Assert.That(Assert.Throws<CudaException>(_program.Stream.Synchronize)!.Name, Is.EqualTo("CUDA_ERROR_LAUNCH_FAILED"));
        Assert.That(Assert.Throws<CudaException>(() => _program.Launch("set", 1, 32, _y, _y))!.Code, Is.EqualTo(719), "and stays");
    }

    [Test]
    public void A_lost_device_fails_every_call_and_others_go_on()
    {
        EmulatedCuda.Lose(EmulatedCuda.Device.Injection, 46);
        Assert.That(Assert.Throws<CudaException>(_program.Stream.Synchronize)!.Name, Is.EqualTo("CUDA_ERROR_DEVICE_UNAVAILABLE"));
        Assert.Throws<CudaException>(() => _program.Context.Allocate(4));
        using var other = new EmulatedProgram(Kernels, EmulatedCuda.Device.Second);
        Assert.That(other.Run("set", 1, 32, new float[1], 32, 7), Is.All.EqualTo(7f));
    }

    [Test]
    public void Memory_runs_out_where_the_device_ends_and_comes_back()
    {
        (long free, long total) = _program.Context.MemoryInfo();
        Assert.That(Assert.Throws<CudaException>(() => _program.Context.Allocate(free + 1))!.IsOutOfMemory);
        Assert.That(Assert.Throws<CudaException>(() => _program.Context.Allocate(total * 2))!.IsOutOfMemory);
        using (_program.Context.Allocate(1 << 20)) Assert.That(_program.Context.MemoryInfo().Free, Is.EqualTo(free - (1 << 20)));
        Assert.That(_program.Context.MemoryInfo().Free, Is.EqualTo(free));
    }

    [Test]
    public void A_pool_frees_what_waits_to_be_freed_before_it_has_no_memory()
    {
        using CudaMemoryPool pool = _program.Context.CreateMemoryPool();
        long half = (_program.Context.MemoryInfo().Total / 2) + 4096;
        using var first = pool.AllocateAsync(half, _program.Stream); // reserved, and mapped only when its turn comes
        Assert.That(Assert.Throws<CudaException>(() => pool.AllocateAsync(half, _program.Stream))!.IsOutOfMemory);
        first.Dispose();
        pool.AllocateAsync(half, _program.Stream).Dispose();
    }

    [TestCase("OGONG_EMULATOR_FAIL", "cuMemAlloc")]
    [TestCase("OGONG_EMULATOR_FAIL", "cuMemAlloc:0=2")]
    [TestCase("OGONG_EMULATOR_DEVICES", "99")]
    [TestCase("OGONG_EMULATOR_ORDER", "random")]
    [TestCase("OGONG_EMULATOR_COLOUR", "1")]
    public void A_setting_that_is_not_understood_is_refused(string name, string value) =>
        Assert.That(() => EmulatedCuda.Set(name, value), Throws.TypeOf<AssertionException>());
}
