using System.Runtime.InteropServices;

namespace Ogong.Native.OpenCl;

/// <summary>One reference to an OpenCL object; the runtime counts references, so objects may be released in any order.</summary>
internal sealed unsafe class OpenClHandle : SafeHandle
{
    private readonly OpenClApi _api;
    private readonly delegate* unmanaged<nint, int> _release;

    public OpenClHandle(OpenClApi api, nint handle, delegate* unmanaged<nint, int> release) : base(0, ownsHandle: true)
    {
        _api = api;
        _release = release;
        SetHandle(handle);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>The object, for a call that ends before this is disposed.</summary>
    /// <exception cref="ObjectDisposedException">It was released.</exception>
    public nint Value => IsClosed ? throw new ObjectDisposedException(GetType().Name) : handle;

    protected override bool ReleaseHandle()
    {
        bool released = _release(handle) == 0;
        GC.KeepAlive(_api);
        return released;
    }
}
