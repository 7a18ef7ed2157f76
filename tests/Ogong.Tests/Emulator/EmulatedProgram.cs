using System.Runtime.InteropServices;
using Ogong.Kernels.Device;
using Ogong.Native.Cuda;
using Ogong.Native.Nvrtc;

namespace Ogong.Tests.Emulator;

/// <summary>Kernels of a test, loaded on an emulated device. Each takes <c>Args p</c>: inputs x, outputs y, a number n.</summary>
internal sealed class EmulatedProgram : IDisposable
{
    private const string Prologue = "#include \"common.cuh\"\nstruct Args { const float* x; float* y; unsigned n; };\n";

    private readonly CudaModule _module;

    public EmulatedProgram(string kernels, EmulatedCuda.Device device = EmulatedCuda.Device.Shared)
    {
        CudaDevice on = EmulatedCuda.Require(device);
        NvrtcResult compiled = NvrtcCompiler.Load().Compile(
            Prologue + kernels, "test.cu", KernelSources.Cuda().Headers, ["--std=c++17", "--fmad=false", "--gpu-architecture=sm_90"]);
        Context = on.RetainPrimaryContext();
        Stream = Context.CreateStream();
        _module = Context.LoadModule(compiled.Image.Span);
    }

    public CudaContext Context { get; }

    public CudaStream Stream { get; }

    public CudaFunction this[string kernel] => _module.GetFunction(kernel);

    /// <summary>Gives a launch to the stream, or to another.</summary>
    public void Launch(string kernel, int grid, int block, DeviceMemory x, DeviceMemory y, int n = 0, int shared = 0, CudaStream? stream = null) =>
        (stream ?? Stream).Launch(this[kernel], new Dim3(grid), new Dim3(block), shared, new Args(x.Pointer, y.Pointer, (uint)n));

    /// <summary>Runs one launch on inputs, and returns the outputs.</summary>
    public T[] Run<T>(string kernel, int grid, int block, T[] inputs, int outputs, int n = 0, int shared = 0)
        where T : unmanaged
    {
        using DeviceMemory x = Upload(inputs), y = Context.Allocate(outputs * Marshal.SizeOf<T>());
        Launch(kernel, grid, block, x, y, n, shared);
        return Download<T>(y, outputs);
    }

    public DeviceMemory Upload<T>(T[] values)
        where T : unmanaged
    {
        DeviceMemory memory = Context.Allocate(Math.Max(1, values.Length) * Marshal.SizeOf<T>());
        Stream.Write<T>(memory.Slice(0, values.Length * Marshal.SizeOf<T>()), values);
        return memory;
    }

    public T[] Download<T>(DeviceMemory memory, int count)
        where T : unmanaged
    {
        var values = new T[count];
        Stream.Read<T>(memory.Slice(0, count * Marshal.SizeOf<T>()), values);
        Stream.Synchronize();
        return values;
    }

    public void Dispose()
    {
        _module.Dispose();
        Stream.Dispose();
        Context.Dispose();
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Args(ulong X, ulong Y, uint N);
}
