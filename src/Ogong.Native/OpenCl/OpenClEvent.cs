namespace Ogong.Native.OpenCl;

/// <summary>A point in a queue. Thread-safe.</summary>
public sealed unsafe class OpenClEvent : IDisposable
{
    private readonly OpenClApi _api;
    private readonly OpenClHandle _handle;

    internal OpenClEvent(OpenClApi api, OpenClHandle handle) => (_api, _handle) = (api, handle);

    /// <summary>Whether the point was passed.</summary>
    /// <exception cref="OpenClException">A command before it failed.</exception>
    public bool IsComplete
    {
        get
        {
            int status = OpenClInfo.Value<int>(_api.clGetEventInfo, _handle.Value, OpenClInfo.CL_EVENT_COMMAND_EXECUTION_STATUS, nameof(_api.clGetEventInfo));
            return status >= 0 ? status == 0 : throw new OpenClException("command", status);
        }
    }

    /// <summary>Device time in nanoseconds at which the point was passed; the queue must have been created for profiling.</summary>
    public long Timestamp => (long)OpenClInfo.Value<ulong>(_api.clGetEventProfilingInfo, _handle.Value, OpenClInfo.CL_PROFILING_COMMAND_END, nameof(_api.clGetEventProfilingInfo));

    /// <summary>Blocks until the point was passed.</summary>
    /// <exception cref="OpenClException">A command before it failed.</exception>
    public void Wait()
    {
        nint @event = _handle.Value;
        OpenClException.Check(_api.clWaitForEvents(1, &@event), nameof(_api.clWaitForEvents));
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
