using static Ogong.Native.Cuda.CudaException;
using static Ogong.Native.Cuda.CudaImports;

namespace Ogong.Native.Cuda;

/// <summary>
/// A queue of work on a device, done in the order it was given. It does not wait for other streams, nor for the default one. Calls may come
/// from any thread, but their order is the caller's business. An error of earlier work may be thrown by any later call.
/// </summary>
public sealed unsafe partial class CudaStream : CudaHandle
{
    private const uint NonBlocking = 1;

    private CudaStream(CudaContext context, nint handle)
        : base(context, context, handle)
    {
    }

    /// <summary>Whether a capture is open, so that work is recorded instead of done.</summary>
    public bool IsCapturing { get; private set; }

    /// <summary>Launches a kernel. Nothing is allocated.</summary>
    /// <param name="function">The kernel, which has exactly one parameter.</param>
    /// <param name="grid">Blocks.</param>
    /// <param name="block">Threads of a block.</param>
    /// <param name="sharedBytes">Shared memory for each block besides what the kernel declares, in bytes.</param>
    /// <param name="arguments">The parameter: a structure laid out as the kernel's, copied before the call returns.</param>
    /// <exception cref="CudaException">The launch is not possible, or earlier work failed.</exception>
    public void Launch<TArguments>(CudaFunction function, Dim3 grid, Dim3 block, int sharedBytes, in TArguments arguments)
        where TArguments : unmanaged
    {
        ArgumentNullException.ThrowIfNull(function);
        using var use = Use();
        using var module = function.Module.Keep();
        fixed (TArguments* pointer = &arguments)
        {
            void* parameter = pointer;
            CUresult result = cuLaunchKernel(
                function.Handle,
                checked((uint)grid.X),
                checked((uint)grid.Y),
                checked((uint)grid.Z),
                checked((uint)block.X),
                checked((uint)block.Y),
                checked((uint)block.Z),
                checked((uint)sharedBytes),
                use.Value,
                &parameter,
                null);
            if (result != CUresult.CUDA_SUCCESS)
                throw Failure(result, nameof(cuLaunchKernel), $"{function.Name}, grid {grid}, block {block}, {sharedBytes} bytes of shared memory");
        }
    }

    /// <summary>Blocks this thread until everything given so far is done.</summary>
    /// <exception cref="CudaException">Work failed.</exception>
    public void Synchronize()
    {
        using var use = Use();
        Check(cuStreamSynchronize(use.Value));
    }

    /// <summary>Whether everything given so far is done.</summary>
    /// <exception cref="CudaException">Work failed.</exception>
    public bool Query()
    {
        using var use = Use();
        CUresult result = cuStreamQuery(use.Value);
        if (result != CUresult.CUDA_ERROR_NOT_READY)
            Check(result, nameof(cuStreamQuery));
        return result == CUresult.CUDA_SUCCESS;
    }

    /// <summary>Makes work given from now on wait for a point of another stream. The caller does not wait.</summary>
    /// <exception cref="CudaException">The call failed.</exception>
    public void Wait(CudaEvent point)
    {
        ArgumentNullException.ThrowIfNull(point);
        using var use = Use();
        using var target = point.Keep();
        Check(cuStreamWaitEvent(use.Value, target.Value, 0));
    }

    internal static CudaStream Create(CudaContext context)
    {
        using var use = context.Use();
        nint handle = 0;
        Check(cuStreamCreate(&handle, NonBlocking));
        return new CudaStream(context, handle);
    }

    private protected override CUresult Destroy(nint handle) => cuStreamDestroy_v2(handle);
}
