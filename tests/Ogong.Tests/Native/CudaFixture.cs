using NUnit.Framework;
using Ogong.Native.Cuda;
using Ogong.Native.Nvrtc;
using Ogong.Tests.Emulator;

namespace Ogong.Tests.Native;

/// <summary>A context and a stream on the bindings' own emulated device.</summary>
internal abstract class CudaFixture
{
    protected const string Kernels = """
        struct ScaleArgs { const float* x; float* y; float factor; int n; };
        extern "C" __global__ void __launch_bounds__(128) scale(ScaleArgs p) {
            int i = blockIdx.x * blockDim.x + threadIdx.x;
            if (i < p.n) p.y[i] = p.factor * p.x[i];
        }
        """;

    protected CudaContext Context { get; private set; } = null!;

    protected CudaStream Stream { get; private set; } = null!;

    [OneTimeSetUp]
    public void Open()
    {
        Context = EmulatedCuda.Require(EmulatedCuda.Device.Bindings).RetainPrimaryContext();
        Stream = Context.CreateStream();
    }

    [OneTimeTearDown]
    public void Close()
    {
        Stream?.Dispose();
        Context?.Dispose();
    }

    protected static NvrtcResult Compile(string source = Kernels) => NvrtcCompiler.Load().Compile(source, "test.cu", [], ["--gpu-architecture=sm_90"]);

    protected readonly record struct ScaleArgs(ulong X, ulong Y, float Factor, int N);
}
