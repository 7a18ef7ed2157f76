using NUnit.Framework;
using Ogong.Native.Cuda;

namespace Ogong.Tests.Emulator;

/// <summary>What a kernel may not do fails as on a GPU, and the report says where. Each test has the device alone, and leaves it gone.</summary>
[TestFixture]
internal sealed class FaultTests
{
    private const int LaunchFailed = 719, IllegalAddress = 700, Misaligned = 716;

    private const string Kernels = """
        extern "C" __global__ void write_at(Args p) { if (threadIdx.x == 5) p.y[p.n] = 1.0f; }
        extern "C" __global__ void read_at(Args p) { if (blockIdx.x == 2) p.y[0] = p.x[p.n]; }
        extern "C" __global__ void write_before(Args p) { p.y[-1] = 1.0f; }
        extern "C" __global__ void divergent(Args p) {
            if (threadIdx.x < 32) __syncthreads();
            else
                __syncthreads();
        }
        extern "C" __global__ void deserted(Args p) { if (threadIdx.x < p.n) return; __syncthreads(); }
        extern "C" __global__ void different(Args p) {
            if (threadIdx.x % 2 == 0) p.y[0] = __shfl_sync(0xFFFFFFFFu, 1.0f, 0);
            else p.y[1] = (float)__any_sync(0xFFFFFFFFu, 1);
        }
        extern "C" __global__ void outside_its_mask(Args p) { __syncwarp(0xFFFFu); }
        extern "C" __global__ void misaligned(Args p) { *(float2*)(p.y + 1) = make_float2(1.0f, 2.0f); }
        extern "C" __global__ void beyond_its_array(Args p) { __shared__ float s[8]; s[threadIdx.x + p.n] = 1.0f; __syncthreads(); p.y[0] = s[0]; }
        extern "C" __global__ void beyond_dynamic(Args p) { DYNAMIC_SHARED(float, s); s[threadIdx.x + p.n] = 1.0f; }
        extern "C" __global__ void null(Args p) { *(volatile float*)(p.n * 4ull) = 1.0f; }
        extern "C" __global__ void divides(Args p) { p.y[0] = (float)(threadIdx.x / p.n); }
        static __noinline__ unsigned deep(unsigned n) { volatile unsigned big[256]; big[n % 256] = n; return n == 0 ? 0 : deep(n - 1) + big[n % 256]; }
        extern "C" __global__ void deep_stack(Args p) { p.y[0] = (float)deep(p.n); }
        """;

    private EmulatedProgram _program = null!;
    private DeviceMemory _x = null!, _y = null!;

    [SetUp]
    public void Create()
    {
        _program = new EmulatedProgram(Kernels, EmulatedCuda.Device.Faults);
        (_x, _y) = (_program.Context.Allocate(4000), _program.Context.Allocate(4000));
    }

    [TearDown]
    public void Release()
    {
        _x?.Dispose();
        _y?.Dispose();
        _program?.Dispose();
    }

    [TestCase("write_at", 1000, IllegalAddress, "write_at wrote 0 bytes past the end", "(4000 bytes, cuMemAlloc)")]
    [TestCase("write_at", 1024, IllegalAddress, "block (0, 0, 0), thread (5, 0, 0): write 96 bytes past the end", "allocation 2 (4000 bytes, cuMemAlloc)")]
    [TestCase("read_at", 2000, IllegalAddress, "block (2, 0, 0), thread (0, 0, 0): read 4000 bytes past the end", "allocation 1 (4000 bytes")]
    [TestCase("write_before", 0, IllegalAddress, "write 4 bytes before the beginning", "allocation 2")]
    [TestCase("divergent", 0, LaunchFailed, "divergent", "divergent barrier")]
    [TestCase("deserted", 32, LaunchFailed, "deserted", "returned")]
    [TestCase("different", 0, LaunchFailed, "no thread can go on", "__shfl_sync")]
    [TestCase("outside_its_mask", 0, LaunchFailed, "thread (16, 0, 0)", "leaves out the caller's lane")]
    [TestCase("misaligned", 0, Misaligned, "misaligned access", "test.cu:17")]
    [TestCase("beyond_its_array", 4, LaunchFailed, "thread (4, 0, 0)", "an index outside its array, test.cu:18")]
    [TestCase("beyond_dynamic", 250, IllegalAddress, "thread (6, 0, 0)", "byte 1024 of dynamic shared memory, which has 1024")]
    [TestCase("null", 0, IllegalAddress, "null", "thread (0, 0, 0)")]
    [TestCase("null", 64, IllegalAddress, "0x100", "no device memory")]
    [TestCase("divides", 0, LaunchFailed, "divides", "division by zero")]
    [TestCase("deep_stack", 1000, LaunchFailed, "deep_stack", "local variables of a thread")]
    public void A_fault_is_reported_and_stays(string kernel, int n, int code, string text, string more)
    {
        _program.Launch(kernel, 3, 64, _x, _y, n, shared: 1024);
        CudaException? failure = Assert.Throws<CudaException>(_program.Stream.Synchronize);
        Assert.That(failure!.Code, Is.EqualTo(code));
        Assert.That(EmulatedCuda.LastReport, Does.StartWith($"device {(int)EmulatedCuda.Device.Faults}: kernel {kernel}").And.Contain(text).And.Contain(more));
        Assert.That(Assert.Throws<CudaException>(() => _program.Context.Allocate(4))!.Code, Is.EqualTo(code), "the context stays failed");
        using CudaContext other = EmulatedCuda.Require(EmulatedCuda.Device.Second).RetainPrimaryContext();
        other.Allocate(4).Dispose();
    }

    [Test]
    public void Freed_memory_faults()
    {
        _program.Stream.Fill(_y, (byte)0);
        DeviceMemory gone = _program.Context.Allocate(4000);
        ulong pointer = gone.Pointer;
        gone.Dispose();
        _program.Stream.Launch(_program["write_at"], 1, 32, 0, (0ul, pointer, 10ul));
        Assert.That(Assert.Throws<CudaException>(_program.Stream.Synchronize)!.Code, Is.EqualTo(IllegalAddress));
        Assert.That(EmulatedCuda.LastReport, Does.Contain("write at offset 40").And.Contain("freed allocation 3"));
    }

    [Test]
    public void Memory_of_the_next_context_is_sound_after_a_fault()
    {
        _program.Launch("write_at", 1, 32, _x, _y, 5000);
        Assert.Throws<CudaException>(_program.Stream.Synchronize);
        Release();
        Create();
        _program.Launch("write_at", 1, 32, _x, _y, 7);
        float[] y = _program.Download<float>(_y, 1000);
        Assert.That(y[7], Is.EqualTo(1f));
        Assert.That(y.Where((_, i) => i != 7), Is.All.NaN, "memory is not zero to begin with");
    }

    [Test]
    public void A_kernel_cannot_reach_another_devices_memory()
    {
        using CudaContext other = EmulatedCuda.Require(EmulatedCuda.Device.Second).RetainPrimaryContext();
        using DeviceMemory far = other.Allocate(4000);
        _program.Launch("write_at", 1, 32, _x, far, 3);
        if (!File.ReadAllText("/proc/cpuinfo").Contains(" ospke", StringComparison.Ordinal)) Assert.Ignore("This processor has no memory protection keys.");
        Assert.That(Assert.Throws<CudaException>(_program.Stream.Synchronize)!.Code, Is.EqualTo(IllegalAddress));
        Assert.That(EmulatedCuda.LastReport, Does.Contain("which this kernel's device cannot reach"));
    }

    [Test]
    public void Launches_that_no_device_takes_are_refused()
    {
        Assert.That(Refused(() => _program.Launch("write_at", 1, 1025, _x, _y)), Is.EqualTo(1));
        Assert.That(Refused(() => _program.Launch("write_at", 0, 32, _x, _y)), Is.EqualTo(1));
        Assert.That(Refused(() => _program.Launch("beyond_dynamic", 1, 32, _x, _y, shared: 49 << 10)), Is.EqualTo(1), "more than 48 KiB without asking");
        Assert.That(Refused(() => _program["beyond_dynamic"].SetMaxDynamicShared(228 << 10)), Is.EqualTo(1));
        _program["write_at"].SetMaxDynamicShared(100 << 10); // another function: attributes belong to the handle that the driver gave out
        Assert.That(Refused(() => _program[" write_at"].ToString()), Is.EqualTo(500));
        CudaFunction function = _program["beyond_dynamic"];
        function.SetMaxDynamicShared(100 << 10);
        _program.Stream.Launch(function, 1, 32, 100 << 10, (0ul, _y.Pointer, (100ul << 8) - 32));
        _program.Stream.Synchronize();
    }

    private static int Refused(Action action) => Assert.Throws<CudaException>(() => action())!.Code;
}
