// z = x + y on a GPU, with the driver and NVRTC alone: no CUDA toolkit is needed to build, and no runtime library to run.
using Ogong.Native.Cuda;
using Ogong.Native.Nvrtc;

const string Source = """
    struct AddArgs { const float* x; const float* y; float* z; int n; };
    extern "C" __global__ void add(AddArgs p) {
        int i = blockIdx.x * blockDim.x + threadIdx.x;
        if (i < p.n) p.z[i] = p.x[i] + p.y[i];
    }
    """;
if (!CudaDriver.TryLoad(out CudaDriver? driver, out string? reason) || !NvrtcCompiler.TryLoad(out NvrtcCompiler? compiler, out reason))
{
    Console.Error.WriteLine(reason);
    return 1;
}

CudaDevice device = driver.GetDevice(0);
NvrtcResult program = compiler.Compile(Source, "add.cu", [], [$"--gpu-architecture={compiler.ArchitectureFor(device.ComputeCapability)}"]);
using CudaContext context = device.RetainPrimaryContext();
using CudaStream stream = context.CreateStream();
using CudaModule module = context.LoadModule(program.Image.Span);

float[] x = [.. Enumerable.Range(0, 1000).Select(i => (float)i)], y = [.. x.Select(v => 2 * v)], z = new float[x.Length];
using DeviceMemory dx = context.Allocate(4 * x.Length), dy = context.Allocate(4 * x.Length), dz = context.Allocate(4 * x.Length);
stream.Write<float>(dx, x);
stream.Write<float>(dy, y);
stream.Launch(module.GetFunction("add"), (x.Length + 255) / 256, 256, 0, new AddArgs(dx.Pointer, dy.Pointer, dz.Pointer, x.Length));
stream.Read<float>(dz, z);

bool right = z.Select((sum, i) => sum == 3f * i).All(equal => equal);
Console.WriteLine($"{device}, driver {driver.Version}, NVRTC {compiler.Version}: {z.Length} sums are {(right ? "right" : "wrong")}");
return right ? 0 : 2;

internal readonly record struct AddArgs(ulong X, ulong Y, ulong Z, int N);
