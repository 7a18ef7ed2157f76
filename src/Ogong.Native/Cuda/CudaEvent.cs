using static Ogong.Native.Cuda.CudaException;
using static Ogong.Native.Cuda.CudaImports;

namespace Ogong.Native.Cuda;

/// <summary>A point in a stream's work that others wait for or measure from. <see cref="Record"/> sets it.</summary>
public sealed unsafe class CudaEvent : CudaHandle
{
    private const uint BlockingSync = 1, DisableTiming = 2;

    private CudaEvent(CudaContext context, nint handle)
        : base(context, context, handle)
    {
    }

    /// <summary>Sets the event to the point after everything given to a stream so far.</summary>
    /// <exception cref="CudaException">The call failed.</exception>
    public void Record(CudaStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var use = Use();
        using var target = stream.Keep();
        Check(cuEventRecord(use.Value, target.Value));
    }

    /// <summary>Whether the work before the point is done; true as long as nothing was recorded.</summary>
    /// <exception cref="CudaException">The work failed.</exception>
    public bool Query()
    {
        using var use = Use();
        CUresult result = cuEventQuery(use.Value);
        if (result != CUresult.CUDA_ERROR_NOT_READY)
            Check(result, nameof(cuEventQuery));
        return result == CUresult.CUDA_SUCCESS;
    }

    /// <summary>Blocks this thread until the work before the point is done.</summary>
    /// <exception cref="CudaException">The work failed.</exception>
    public void Synchronize()
    {
        using var use = Use();
        Check(cuEventSynchronize(use.Value));
    }

    /// <summary>The device's time between two points that have been reached, in milliseconds; good to about half a microsecond.</summary>
    /// <exception cref="CudaException">A point was not recorded or not reached yet, or an event has no timing.</exception>
    public float MillisecondsSince(CudaEvent start)
    {
        ArgumentNullException.ThrowIfNull(start);
        using var use = Use();
        using var from = start.Keep();
        float milliseconds = 0;
        Check(cuEventElapsedTime(&milliseconds, from.Value, use.Value));
        return milliseconds;
    }

    internal static CudaEvent Create(CudaContext context, bool timing, bool sleeping)
    {
        using var use = context.Use();
        nint handle = 0;
        Check(cuEventCreate(&handle, (timing ? 0 : DisableTiming) | (sleeping ? BlockingSync : 0)));
        return new CudaEvent(context, handle);
    }

    private protected override CUresult Destroy(nint handle) => cuEventDestroy_v2(handle);
}
