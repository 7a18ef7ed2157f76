using NUnit.Framework;
using Ogong.Compute;
using Ogong.Kernels.Cuda;
using Ogong.Native.Nvrtc;

namespace Ogong.Tests.Kernels.Cuda;

/// <summary>Kernels are compiled once per machine.</summary>
[TestFixture]
internal sealed class KernelLibraryTests
{
    [Test]
    public async Task The_first_use_compiles_and_says_so_and_a_second_backend_compiles_nothing()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"ogong-kernels-{Guid.NewGuid():N}");
        try
        {
            List<string> said = [];
            using (CudaBackend cold = CudaCase.Create(folder, said.Add))
            {
                await UseAsync(cold);
                Assert.That(cold.Kernels.Compiled, Is.EqualTo(2));
                Assert.That(said, Has.Count.EqualTo(2).And.All.Contain("first use").And.Some.Contain("embed.cu -DWEIGHT_TYPE=2"));
                Assert.That(cold.KernelCacheBytes, Is.Positive);
            }
            said.Clear();
            using CudaBackend warm = CudaCase.Create(folder, said.Add);
            await UseAsync(warm);
            Assert.That(warm.Kernels.Compiled, Is.Zero);
            Assert.That(said, Is.Empty);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public void A_kernel_that_does_not_compile_gives_the_compilers_log()
    {
        using CudaBackend backend = CudaCase.Create();
        NvrtcException? failure = Assert.Throws<NvrtcException>(() => backend.Kernels.Get("embed.cu", "embed", []));
        Assert.That(failure!.Log, Does.Contain("embed.cu needs -DWEIGHT_TYPE"));
        Assert.Throws<NotSupportedException>(() => backend.Kernels.Get("abacus.cu", "abacus", []));
    }

    [Test]
    public void The_kernel_hash_is_the_same_for_every_instance()
    {
        using CudaBackend one = CudaCase.Create(), other = CudaCase.Create();
        Assert.That(one.Device.KernelHash, Is.EqualTo(other.Device.KernelHash).And.Length.EqualTo(64));
    }

    private static async Task UseAsync(CudaBackend backend)
    {
        using Weight table = backend.LoadWeight(new Inputs(1).Tensor(ElementType.BF16, 3, 8, tame: true));
        using DeviceBuffer tokens = backend.Allocate(4), y = backend.Allocate(32);
        using ComputeQueue queue = backend.CreateQueue();
        queue.Embed(table, tokens, y, 1);
        queue.Embed(table, tokens, y, 1);
        queue.Residual(y, y, 8);
        await queue.CompleteAsync();
    }
}
