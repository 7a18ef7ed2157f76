using NUnit.Framework;
using Ogong.Native.Cuda;
using Ogong.Native.Nvrtc;
using Ogong.Tests.Emulator;

namespace Ogong.Tests.Native;

/// <summary>Compiling, loading, launching, recording and timing, through the bindings, on the emulated driver.</summary>
[NonParallelizable]
internal sealed class CudaLaunchTests : CudaFixture
{
    private CudaModule _module = null!;
    private CudaFunction _scale = null!;
    private DeviceMemory _x = null!;
    private DeviceMemory _y = null!;

    [OneTimeSetUp]
    public void Load()
    {
        _module = Context.LoadModule(Compile().Image.Span);
        _scale = _module.GetFunction("scale");
        _x = Context.Allocate(4000);
        _y = Context.Allocate(4000);
        Stream.Write<float>(_x, [.. Enumerable.Range(0, 1000).Select(i => (float)i)]);
    }

    [OneTimeTearDown]
    public void Unload()
    {
        _y?.Dispose();
        _x?.Dispose();
        _module?.Dispose();
    }

    [Test]
    public void A_kernel_runs_with_its_argument()
    {
        Scale(Stream, 2);
        Assert.That(Result(), Is.EqualTo(Enumerable.Range(0, 1000).Select(i => 2f * i)));
        Assert.That(_scale.Name, Is.EqualTo("scale"));
        Assert.That(_scale.MaxThreadsPerBlock, Is.GreaterThanOrEqualTo(128));
        Assert.That((_scale.LocalBytes, _scale.SharedBytes), Is.EqualTo((0, 0)));
        Assert.That(_scale.Registers, Is.Not.Negative);
        _scale.SetMaxDynamicShared(64 << 10);
    }

    [Test]
    public void A_launch_allocates_nothing()
    {
        Scale(Stream, 1);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            Scale(Stream, i);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Stream.Synchronize();
        Assert.That(allocated, Is.Zero);
    }

    [Test]
    public void An_impossible_launch_names_the_kernel_and_its_shape()
    {
        var e = Assert.Throws<CudaException>(() => Stream.Launch(_scale, (1, 2, 3), 4096, 0, Arguments(1)))!;
        Assert.That(e.Call, Is.EqualTo("cuLaunchKernel"));
        Assert.That(e.Text, Does.Contain("scale").And.Contain("4096").And.Contain("X = 1, Y = 2, Z = 3"));
        Assert.That(() => Stream.Launch(_scale, -1, 128, 0, Arguments(1)), Throws.InstanceOf<OverflowException>());
    }

    [Test]
    public void What_is_no_module_and_what_is_not_in_it_is_refused()
    {
        Assert.That(() => Context.LoadModule("no module"u8), Throws.InstanceOf<CudaException>().With.Property(nameof(CudaException.Call)).EqualTo("cuModuleLoadDataEx"));
        Assert.That(() => Context.LoadModule([]), Throws.ArgumentException);
        Assert.That(() => _module.GetFunction("missing"), Throws.InstanceOf<CudaException>().With.Message.Contains("missing"));
        using var module = Context.LoadModule(Compile().Image.Span);
        var function = module.GetFunction("scale");
        module.Dispose();
        Assert.That(() => function.Registers, Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => Stream.Launch(function, 1, 1, 0, Arguments(1)), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void Errors_of_a_program_are_in_the_log()
    {
        var e = Assert.Throws<NvrtcException>(() => Compile("int f( { return 1; }"))!;
        Assert.That(e.Call, Is.EqualTo("nvrtcCompileProgram"));
        Assert.That(e.Name, Is.EqualTo("NVRTC_ERROR_COMPILATION"));
        Assert.That(e.Log, Does.Contain("test.cu"));
        Assert.That(e.Message, Does.Contain(e.Log));
    }

    [Test]
    public void Headers_and_definitions_reach_the_program()
    {
        const string Source = """
            #include "three.cuh"
            struct Args { int* y; };
            extern "C" __global__ void sum(Args p) { *p.y = THREE + FOUR; }
            """;
        var compiler = NvrtcCompiler.Load();
        Dictionary<string, string> headers = new() { ["three.cuh"] = "#define THREE 3\n" };
        var program = compiler.Compile(Source, "sum.cu", headers, ["--gpu-architecture=sm_90", "-DFOUR=4"]);
        using var module = Context.LoadModule(program.Image.Span);
        Stream.Launch(module.GetFunction("sum"), 1, 1, 0, _y.Pointer);
        int[] result = new int[1];
        Stream.Read<int>(_y, result);
        Assert.That(result[0], Is.EqualTo(7));
        Assert.That(program.IsPtx, Is.False);
        Assert.That(() => compiler.Compile(Source, "sum.cu", headers, ["-DFOUR=4"]), Throws.ArgumentException.With.Message.Contains("gpu-architecture"));
    }

    [Test]
    public void The_architecture_is_the_devices_or_the_newest_before_it()
    {
        var compiler = NvrtcCompiler.Load();
        var newest = compiler.Supported[^1];
        Assert.That(compiler.Supported, Is.Ordered);
        Assert.That(compiler.ArchitectureFor(newest), Is.EqualTo($"sm_{newest.Number}"));
        Assert.That(compiler.ArchitectureFor(new ComputeCapability(99, 0)), Is.EqualTo($"compute_{newest.Number}"));
        Assert.That(() => compiler.ArchitectureFor(new ComputeCapability(1, 0)), Throws.InstanceOf<NotSupportedException>());
        Assert.That(NvrtcCompiler.TryLoad(out _, out string? reason, "no/such/nvrtc.so"), Is.False);
        Assert.That(reason, Does.Contain("NVRTC not found").And.Contain("nvrtc.so"));
    }

    [Test]
    public void A_recorded_step_runs_when_launched_and_not_before()
    {
        using var stream = Context.CreateStream();
        Scale(stream, 1);
        stream.BeginCapture();
        Assert.That(stream.IsCapturing, Is.True);
        Assert.That(stream.BeginCapture, Throws.InvalidOperationException);
        Assert.That(() => stream.Write<float>(_x, [1]), Throws.InvalidOperationException);
        Assert.That(() => stream.Read<float>(_x, new float[1]), Throws.InvalidOperationException);
        stream.Fill(_y, 0u);
        Scale(stream, 3);
        using CudaGraph graph = stream.EndCapture();
        using CudaGraphExec step = graph.Instantiate();
        stream.Synchronize();
        Assert.That(Result()[2], Is.EqualTo(2f));
        for (int i = 0; i < 2; i++)
        {
            Stream.Fill(_y, 0u);
            Stream.Synchronize();
            step.Launch(stream);
            stream.Synchronize();
            Assert.That(Result()[2], Is.EqualTo(6f));
        }
    }

    [Test]
    public void A_capture_can_be_given_up()
    {
        using var stream = Context.CreateStream();
        Assert.That(stream.EndCapture, Throws.InvalidOperationException);
        Assert.That(stream.AbandonCapture, Throws.InvalidOperationException);
        stream.BeginCapture();
        Scale(stream, 5);
        stream.AbandonCapture();
        Assert.That(stream.IsCapturing, Is.False);
        Scale(stream, 4);
        stream.Synchronize();
        Assert.That(Result()[1], Is.EqualTo(4f));
    }

    [Test]
    public void Events_order_streams_and_measure_time()
    {
        using var other = Context.CreateStream();
        using CudaEvent start = Context.CreateEvent(timing: true), end = Context.CreateEvent(timing: true);
        Assert.That(start.Query(), Is.True);
        start.Record(Stream);
        Scale(Stream, 7);
        end.Record(Stream);
        other.Wait(end);
        other.Copy(_x, _y);
        other.Synchronize();
        float[] copied = new float[1000];
        Stream.Read<float>(_x, copied);
        Stream.Write<float>(_x, [.. Enumerable.Range(0, 1000).Select(i => (float)i)]);
        Assert.That(copied[1], Is.EqualTo(7f));
        end.Synchronize();
        Assert.That(end.Query(), Is.True);
        Assert.That(end.MillisecondsSince(start), Is.Not.Negative);
        using var untimed = Context.CreateEvent();
        untimed.Record(Stream);
        Stream.Synchronize();
        Assert.That(() => untimed.MillisecondsSince(start), Throws.InstanceOf<CudaException>());
    }

    [TestCase("cuModuleLoadData")]
    [TestCase("cuModuleGetFunction")]
    [TestCase("cuFuncGetAttribute")]
    [TestCase("cuFuncSetAttribute")]
    [TestCase("cuLaunchKernel")]
    [TestCase("cuStreamBeginCapture")]
    [TestCase("cuStreamEndCapture")]
    [TestCase("cuGraphInstantiateWithFlags")]
    [TestCase("cuGraphLaunch")]
    public void A_failing_call_is_named(string call)
    {
        byte[] image = Compile().Image.ToArray();
        using (EmulatedCuda.Fail($"{call}:1=1@{(int)EmulatedCuda.Device.Bindings}"))
        {
            var e = Assert.Throws<CudaException>(() => RecordAndReplay(image))!;
            Assert.That(e.Call, Does.StartWith(call));
            Assert.That(e.Code, Is.EqualTo(1));
        }

        Assert.DoesNotThrow(() => RecordAndReplay(image), "after the failure");
    }

    private void RecordAndReplay(byte[] image)
    {
        using var module = Context.LoadModule(image);
        var function = module.GetFunction("scale");
        _ = function.Registers;
        function.SetMaxDynamicShared(1024);
        using var stream = Context.CreateStream();
        stream.Launch(function, 8, 128, 0, Arguments(1));
        stream.Synchronize(); // whatever fails next, nothing runs when the module goes
        stream.BeginCapture();
        stream.Launch(function, 8, 128, 0, Arguments(1));
        using var graph = stream.EndCapture();
        using var step = graph.Instantiate();
        step.Launch(stream);
        stream.Synchronize();
    }

    private ScaleArgs Arguments(float factor) => new(_x.Pointer, _y.Pointer, factor, 1000);

    private void Scale(CudaStream stream, float factor) => stream.Launch(_scale, 8, 128, 0, Arguments(factor));

    private float[] Result()
    {
        float[] y = new float[1000];
        Stream.Read<float>(_y, y);
        return y;
    }
}
