using static Ogong.Native.Cuda.CudaException;
using static Ogong.Native.Cuda.CudaImports;

namespace Ogong.Native.Cuda;

public sealed unsafe partial class CudaStream
{
    /// <summary>
    /// Records the work given from now on instead of doing it, until <see cref="EndCapture"/> or <see cref="AbandonCapture"/>. Pointers and
    /// arguments are recorded as they are: what is replayed uses the same memory. Calls that would wait for the stream fail meanwhile.
    /// </summary>
    /// <exception cref="InvalidOperationException">A capture is open.</exception>
    /// <exception cref="CudaException">The call failed.</exception>
    public void BeginCapture()
    {
        if (IsCapturing)
            throw new InvalidOperationException("The stream is being captured already.");
        using var use = Use();
        // Relaxed: begin and end may come from different threads, and other threads may allocate meanwhile.
        Check(cuStreamBeginCapture_v2(use.Value, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED));
        IsCapturing = true;
    }

    /// <summary>Ends the recording.</summary>
    /// <returns>What was recorded.</returns>
    /// <exception cref="InvalidOperationException">No capture is open.</exception>
    /// <exception cref="CudaException">A call during the recording made it invalid. The capture has ended.</exception>
    public CudaGraph EndCapture()
    {
        Check(EndRecording(out nint graph), nameof(cuStreamEndCapture));
        return new CudaGraph(Context, graph);
    }

    /// <summary>Ends the recording and throws it away, valid or not.</summary>
    /// <exception cref="InvalidOperationException">No capture is open.</exception>
    /// <exception cref="CudaException">The driver could not release it.</exception>
    public void AbandonCapture()
    {
        if (EndRecording(out nint graph) == CUresult.CUDA_SUCCESS && graph != 0)
            Check(cuGraphDestroy(graph));
    }

    private CUresult EndRecording(out nint graph)
    {
        if (!IsCapturing)
            throw new InvalidOperationException("The stream is not being captured.");
        using var use = Use();
        IsCapturing = false;
        nint handle = 0;
        CUresult result = cuStreamEndCapture(use.Value, &handle);
        graph = handle;
        return result;
    }
}
