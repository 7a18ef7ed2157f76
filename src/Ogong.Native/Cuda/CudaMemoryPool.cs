using static Ogong.Native.Cuda.CudaException;
using static Ogong.Native.Cuda.CudaImports;
using static Ogong.Native.Cuda.CUmemPool_attribute;

namespace Ogong.Native.Cuda;

/// <summary>
/// A pool of device memory from which streams allocate without waiting. What is given back is kept for the next allocation until
/// <see cref="Trim"/>. It counts what it holds and how high that went. Safe to use from several threads.
/// </summary>
public sealed unsafe class CudaMemoryPool : CudaHandle
{
    private CudaMemoryPool(CudaContext context, nint handle)
        : base(context, context, handle)
    {
    }

    /// <summary>Bytes allocated and not given back.</summary>
    public long UsedBytes => GetAttribute(CU_MEMPOOL_ATTR_USED_MEM_CURRENT);

    /// <summary>The most <see cref="UsedBytes"/> was since the pool was made or <see cref="ResetHighWaterMarks"/>.</summary>
    public long UsedBytesHigh => GetAttribute(CU_MEMPOOL_ATTR_USED_MEM_HIGH);

    /// <summary>Bytes the pool has from the device, used or kept.</summary>
    public long ReservedBytes => GetAttribute(CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT);

    /// <summary>The most <see cref="ReservedBytes"/> was since the pool was made or <see cref="ResetHighWaterMarks"/>.</summary>
    public long ReservedBytesHigh => GetAttribute(CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH);

    /// <summary>Allocates memory for work that is given to a stream from now on. The call does not wait.</summary>
    /// <param name="byteLength">Bytes, at least 1.</param>
    /// <param name="stream">The stream.</param>
    /// <exception cref="CudaException">The device has no such amount free, or the call failed.</exception>
    public DeviceMemory AllocateAsync(long byteLength, CudaStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return DeviceMemory.Allocate(this, stream, byteLength);
    }

    /// <summary>Gives memory that is not used back to the device.</summary>
    /// <param name="bytesToKeep">Reserved bytes to keep at least.</param>
    /// <exception cref="CudaException">The call failed.</exception>
    public void Trim(long bytesToKeep = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytesToKeep);
        using var use = Use();
        Check(cuMemPoolTrimTo(use.Value, (nuint)bytesToKeep));
    }

    /// <summary>Makes both high-water marks what is used and reserved now.</summary>
    /// <exception cref="CudaException">The call failed.</exception>
    public void ResetHighWaterMarks()
    {
        SetAttribute(CU_MEMPOOL_ATTR_USED_MEM_HIGH, 0);
        SetAttribute(CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH, 0);
    }

    internal static CudaMemoryPool Create(CudaContext context)
    {
        using var use = context.Use();
        var properties = new CUmemPoolProps
        {
            allocType = CUmemPoolProps.Pinned,
            locationType = CUmemPoolProps.OnDevice,
            locationId = context.Device.Handle,
        };
        nint handle = 0;
        Check(cuMemPoolCreate(&handle, &properties));
        var pool = new CudaMemoryPool(context, handle);
        pool.SetAttribute(CU_MEMPOOL_ATTR_RELEASE_THRESHOLD, ulong.MaxValue);
        return pool;
    }

    private protected override CUresult Destroy(nint handle) => cuMemPoolDestroy(handle);

    private long GetAttribute(CUmemPool_attribute attribute)
    {
        using var use = Use();
        ulong value = 0;
        Check(cuMemPoolGetAttribute(use.Value, attribute, &value));
        return checked((long)value);
    }

    private void SetAttribute(CUmemPool_attribute attribute, ulong value)
    {
        using var use = Use();
        Check(cuMemPoolSetAttribute(use.Value, attribute, &value));
    }
}
