using System.Runtime.InteropServices;

namespace Ogong.Native.Cuda;

/// <summary>
/// An object of the driver that belongs to a context. It holds a reference on what it was made from, so that disposing, or losing, the two in
/// either order is safe; disposing twice is too. Calls may come from any thread: each makes the context current on its own thread.
/// </summary>
public abstract class CudaHandle : SafeHandle
{
    private readonly SafeHandle _parent;

    /// <summary>Takes over a driver object. The parent must be in use, so that the reference on it cannot fail.</summary>
    private protected CudaHandle(CudaContext context, SafeHandle parent, nint handle)
        : base(invalidHandleValue: 0, ownsHandle: true)
    {
        (Context, _parent) = (context, parent);
        bool added = false;
        parent.DangerousAddRef(ref added);
        SetHandle(handle);
    }

    /// <summary>The context the object belongs to.</summary>
    public CudaContext Context { get; }

    /// <inheritdoc/>
    public sealed override bool IsInvalid => handle == 0;

    /// <summary>Keeps the object alive for a call and makes its context current on this thread.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    internal HandleUse Use()
    {
        var use = new HandleUse(this);
        Context.SetCurrent();
        return use;
    }

    /// <summary>Keeps the object alive for a call that another object makes.</summary>
    internal HandleUse Keep() => new(this);

    /// <inheritdoc/>
    protected sealed override bool ReleaseHandle()
    {
        try
        {
            // The context is alive: this object, or what it was made from, holds a reference on it.
            return Context.TrySetCurrent() == CUresult.CUDA_SUCCESS && Destroy(handle) == CUresult.CUDA_SUCCESS;
        }
        finally
        {
            _parent.DangerousRelease();
        }
    }

    private protected abstract CUresult Destroy(nint handle);
}

/// <summary>A reference on a handle for the length of a call.</summary>
internal readonly ref struct HandleUse
{
    private readonly SafeHandle _handle;

    public HandleUse(SafeHandle handle)
    {
        bool added = false;
        handle.DangerousAddRef(ref added);
        _handle = handle;
    }

    public nint Value => _handle.DangerousGetHandle();

    public void Dispose() => _handle.DangerousRelease();
}
