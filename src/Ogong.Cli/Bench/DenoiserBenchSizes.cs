using Ogong.Compute;
using Ogong.Kernels.Cuda;

namespace Ogong.Cli.Bench;

/// <summary>Sizes of the linear layers that denoising steps are compared with, and how often both run.</summary>
/// <param name="GemvSize">Width and outputs of the layer at one row, which is bound by reading its weights.</param>
/// <param name="GemvCopies">Copies of its weights to rotate through, larger together than the caches.</param>
/// <param name="GemmRows">Rows of the matrix product.</param>
/// <param name="GemmSize">Its width and outputs.</param>
/// <param name="Rounds">Times each is measured.</param>
internal sealed record DenoiserBenchSizes(int GemvSize, int GemvCopies, int GemmRows, int GemmSize, int Rounds)
{
    /// <summary>To see that everything runs, not how fast.</summary>
    public static DenoiserBenchSizes Small { get; } = new(256, 1, 32, 256, 1);

    /// <summary>The sizes of <c>bench cuda</c> on a CUDA device, of <c>bench cpu</c> elsewhere.</summary>
    public static DenoiserBenchSizes For(IBackend backend) => backend is CudaBackend ? new(8192, 4, 4096, 8192, 9) : new(2048, 48, 512, 2048, 5);
}
