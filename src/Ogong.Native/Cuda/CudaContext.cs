using System.Runtime.InteropServices;
using static Ogong.Native.Cuda.CudaException;
using static Ogong.Native.Cuda.CudaImports;

namespace Ogong.Native.Cuda;

/// <summary>
/// A reference on a device's primary context, the one the CUDA runtime and its libraries use too. Safe to use from several threads. Every call
/// made through this library makes its context current on the calling thread and leaves it so, as cudaSetDevice does.
/// </summary>
public sealed unsafe class CudaContext : SafeHandle
{
    private CudaContext(CudaDevice device, nint handle)
        : base(invalidHandleValue: 0, ownsHandle: true)
    {
        Device = device;
        SetHandle(handle);
    }

    /// <summary>The device.</summary>
    public CudaDevice Device { get; }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Memory of the device, in bytes: free now, for every process, and in all.</summary>
    /// <exception cref="CudaException">The call failed.</exception>
    public (long Free, long Total) MemoryInfo()
    {
        using var use = Use();
        nuint free = 0, total = 0;
        Check(cuMemGetInfo_v2(&free, &total));
        return checked(((long)free, (long)total));
    }

    /// <summary>Makes a stream, which waits for no other.</summary>
    /// <exception cref="CudaException">The call failed.</exception>
    public CudaStream CreateStream() => CudaStream.Create(this);

    /// <summary>Makes an event.</summary>
    /// <param name="timing">Whether <see cref="CudaEvent.MillisecondsSince"/> may be asked. Events without are cheaper.</param>
    /// <param name="sleeping">Whether a thread that waits for it sleeps. One that does not spins, which is sooner and takes a processor.</param>
    /// <exception cref="CudaException">The call failed.</exception>
    public CudaEvent CreateEvent(bool timing = false, bool sleeping = false) => CudaEvent.Create(this, timing, sleeping);

    /// <summary>Makes a pool of device memory.</summary>
    /// <exception cref="CudaException">The device has no memory pools, or the call failed.</exception>
    public CudaMemoryPool CreateMemoryPool() => CudaMemoryPool.Create(this);

    /// <summary>Allocates device memory that is not ordered on a stream. The call may wait for the device.</summary>
    /// <param name="byteLength">Bytes, at least 1.</param>
    /// <exception cref="CudaException">The device has no such amount free, or the call failed.</exception>
    public DeviceMemory Allocate(long byteLength) => DeviceMemory.Allocate(this, byteLength);

    /// <summary>Allocates pinned host memory.</summary>
    /// <param name="byteLength">Bytes, at least 1.</param>
    /// <exception cref="CudaException">The host has no such amount to pin, or the call failed.</exception>
    public PinnedMemory AllocatePinned(long byteLength) => PinnedMemory.Allocate(this, byteLength);

    /// <summary>Loads a cubin, or PTX that the driver compiles.</summary>
    /// <param name="image">The image as the compiler made it.</param>
    /// <exception cref="CudaException">It is no image for this device; the text has the driver's log, if it wrote one.</exception>
    public CudaModule LoadModule(ReadOnlySpan<byte> image) => CudaModule.Load(this, image);

    /// <summary>Waits for everything in the context, on every stream; an error of earlier work is thrown here.</summary>
    /// <exception cref="CudaException">Work failed.</exception>
    public void Synchronize()
    {
        using var use = Use();
        Check(cuCtxSynchronize());
    }

    internal static CudaContext Retain(CudaDevice device)
    {
        nint handle = 0;
        Check(cuDevicePrimaryCtxRetain(&handle, device.Handle));
        return new CudaContext(device, handle);
    }

    /// <summary>Keeps the context alive for a call and makes it current on this thread.</summary>
    internal HandleUse Use()
    {
        var use = new HandleUse(this);
        SetCurrent();
        return use;
    }

    internal void SetCurrent() => Check(TrySetCurrent(), nameof(cuCtxSetCurrent));

    internal CUresult TrySetCurrent() => cuCtxSetCurrent(handle);

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => cuDevicePrimaryCtxRelease_v2(Device.Handle) == CUresult.CUDA_SUCCESS;
}
