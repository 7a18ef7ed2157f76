using NUnit.Framework;
using Ogong.Compute;
using Ogong.Kernels.Cuda;
using Ogong.Kernels.Reference;

namespace Ogong.Tests.Kernels.Cuda;

/// <summary>RMS norm in shapes larger than the operation suite's: a row over more chunks than a block has warps, and enough wide rows for a warp each.</summary>
[TestFixture]
internal sealed class RmsNormKernelTests
{
    [Test]
    public async Task Large_shapes_have_the_bits_of_the_reference([Values(3, 300)] int rows, [Values(64, 1030, 4500)] int columns)
    {
        using CudaBackend cuda = CudaCase.Create();
        byte[][] results = [await RunAsync(cuda, rows, columns), await RunAsync(new ReferenceBackend(), rows, columns)];
        Assert.That(results[0].AsSpan().SequenceEqual(results[1]));
    }

    private static async Task<byte[]> RunAsync(IBackend backend, int rows, int columns)
    {
        var inputs = new Inputs(columns);
        using var step = new Step(backend);
        DeviceBuffer x = step.Upload(inputs.Tame(rows * columns));
        step.Queue.RmsNorm(x, step.Upload(inputs.Tame(columns)), 1e-5f, x, rows, columns);
        return await step.FinishAsync((x, rows * columns));
    }
}
