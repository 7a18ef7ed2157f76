namespace Ogong.Native.OpenCl;

/// <summary>Commands in order on one device. Not thread-safe; different queues may be used concurrently.</summary>
public sealed unsafe class OpenClCommandQueue : IDisposable
{
    private const uint NonBlocking = 0;
    private readonly OpenClApi _api;
    private readonly OpenClHandle _handle;

    internal OpenClCommandQueue(OpenClApi api, OpenClHandle handle) => (_api, _handle) = (api, handle);

    /// <summary>Enqueues a kernel.</summary>
    /// <param name="kernel">The kernel; its arguments are taken now.</param>
    /// <param name="groups">Work-groups in each dimension.</param>
    /// <param name="groupSize">Work-items of a group in each dimension.</param>
    /// <param name="arguments">All arguments, in order.</param>
    /// <exception cref="OpenClException">The driver refused.</exception>
    public void Launch(OpenClKernel kernel, (long X, long Y, long Z) groups, (int X, int Y, int Z) groupSize, params ReadOnlySpan<OpenClArgument> arguments)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        kernel.SetArguments(arguments);
        nuint* global = stackalloc nuint[3] { checked((nuint)(groups.X * groupSize.X)), checked((nuint)(groups.Y * groupSize.Y)), checked((nuint)(groups.Z * groupSize.Z)) };
        nuint* local = stackalloc nuint[3] { (nuint)groupSize.X, (nuint)groupSize.Y, (nuint)groupSize.Z };
        int code = _api.clEnqueueNDRangeKernel(_handle.Value, kernel.Value, 3, null, global, local, 0, null, null);
        if (code != 0) throw new OpenClException(nameof(_api.clEnqueueNDRangeKernel), code, $"{kernel.Name}, {groups} groups of {groupSize}");
    }

    /// <summary>Enqueues a copy from host memory, which must stay unchanged and in place until the queue has passed it.</summary>
    public void Write(void* source, OpenClBuffer destination, long byteOffset, long byteLength)
    {
        ArgumentNullException.ThrowIfNull(destination);
        OpenClException.Check(
            _api.clEnqueueWriteBuffer(_handle.Value, destination.Value, NonBlocking, (nuint)byteOffset, (nuint)byteLength, source, 0, null, null), nameof(_api.clEnqueueWriteBuffer));
    }

    /// <summary>Enqueues a copy to host memory, which must stay in place until the queue has passed it.</summary>
    public void Read(OpenClBuffer source, long byteOffset, void* destination, long byteLength)
    {
        ArgumentNullException.ThrowIfNull(source);
        OpenClException.Check(
            _api.clEnqueueReadBuffer(_handle.Value, source.Value, NonBlocking, (nuint)byteOffset, (nuint)byteLength, destination, 0, null, null), nameof(_api.clEnqueueReadBuffer));
    }

    /// <summary>Enqueues a copy between two buffers that do not overlap.</summary>
    public void Copy(OpenClBuffer source, long sourceOffset, OpenClBuffer destination, long destinationOffset, long byteLength)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(destination);
        OpenClException.Check(
            _api.clEnqueueCopyBuffer(_handle.Value, source.Value, destination.Value, (nuint)sourceOffset, (nuint)destinationOffset, (nuint)byteLength, 0, null, null),
            nameof(_api.clEnqueueCopyBuffer));
    }

    /// <summary>Enqueues filling with one 32-bit pattern. Offset and length are multiples of 4 bytes.</summary>
    public void Fill(OpenClBuffer destination, uint pattern, long byteOffset, long byteLength)
    {
        ArgumentNullException.ThrowIfNull(destination);
        OpenClException.Check(
            _api.clEnqueueFillBuffer(_handle.Value, destination.Value, &pattern, sizeof(uint), (nuint)byteOffset, (nuint)byteLength, 0, null, null), nameof(_api.clEnqueueFillBuffer));
    }

    /// <summary>An event that completes when everything enqueued so far has.</summary>
    public OpenClEvent Mark()
    {
        nint @event;
        OpenClException.Check(_api.clEnqueueMarkerWithWaitList(_handle.Value, 0, null, &@event), nameof(_api.clEnqueueMarkerWithWaitList));
        return new OpenClEvent(_api, new OpenClHandle(_api, @event, _api.clReleaseEvent));
    }

    /// <summary>Hands what is enqueued to the device.</summary>
    public void Flush() => OpenClException.Check(_api.clFlush(_handle.Value), nameof(_api.clFlush));

    /// <summary>Waits until everything enqueued has run.</summary>
    public void Finish() => OpenClException.Check(_api.clFinish(_handle.Value), nameof(_api.clFinish));

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
