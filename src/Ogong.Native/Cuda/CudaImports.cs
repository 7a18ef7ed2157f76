using System.Runtime.InteropServices;

namespace Ogong.Native.Cuda;

/// <summary>
/// The CUDA driver API as cuda.h declares it: names verbatim, with the version suffix of the exported symbol; blittable, so a call is a call.
/// Handles are <see cref="nint"/>, device addresses <see cref="ulong"/>. README.md lists the source and the first version of each.
/// </summary>
internal static unsafe partial class CudaImports
{
    private const string Library = NativeBinding.CudaDriver;

    // ---- driver and errors ----
    [LibraryImport(Library)] public static partial CUresult cuInit(uint Flags);
    [LibraryImport(Library)] public static partial CUresult cuDriverGetVersion(int* driverVersion);
    [LibraryImport(Library)] public static partial CUresult cuGetErrorName(CUresult error, byte** pStr);
    [LibraryImport(Library)] public static partial CUresult cuGetErrorString(CUresult error, byte** pStr);

    // ---- devices ----
    [LibraryImport(Library)] public static partial CUresult cuDeviceGetCount(int* count);
    [LibraryImport(Library)] public static partial CUresult cuDeviceGet(int* device, int ordinal);
    [LibraryImport(Library)] public static partial CUresult cuDeviceGetName(byte* name, int len, int dev);
    [LibraryImport(Library)] public static partial CUresult cuDeviceGetUuid_v2(Guid* uuid, int dev);
    [LibraryImport(Library)] public static partial CUresult cuDeviceTotalMem_v2(nuint* bytes, int dev);
    [LibraryImport(Library)] public static partial CUresult cuDeviceGetAttribute(int* pi, CudaDeviceAttribute attrib, int dev);

    // ---- contexts ----
    [LibraryImport(Library)] public static partial CUresult cuDevicePrimaryCtxRetain(nint* pctx, int dev);
    [LibraryImport(Library)] public static partial CUresult cuDevicePrimaryCtxRelease_v2(int dev);
    [LibraryImport(Library)] public static partial CUresult cuCtxSetCurrent(nint ctx);
    [LibraryImport(Library)] public static partial CUresult cuCtxSynchronize();

    // ---- memory ----
    [LibraryImport(Library)] public static partial CUresult cuMemGetInfo_v2(nuint* free, nuint* total);
    [LibraryImport(Library)] public static partial CUresult cuMemAlloc_v2(ulong* dptr, nuint bytesize);
    [LibraryImport(Library)] public static partial CUresult cuMemFree_v2(ulong dptr);
    [LibraryImport(Library)] public static partial CUresult cuMemHostAlloc(void** pp, nuint bytesize, uint Flags);
    [LibraryImport(Library)] public static partial CUresult cuMemFreeHost(void* p);
    [LibraryImport(Library)] public static partial CUresult cuMemPoolCreate(nint* pool, CUmemPoolProps* poolProps);
    [LibraryImport(Library)] public static partial CUresult cuMemPoolDestroy(nint pool);
    [LibraryImport(Library)] public static partial CUresult cuMemPoolTrimTo(nint pool, nuint minBytesToKeep);
    [LibraryImport(Library)] public static partial CUresult cuMemPoolSetAttribute(nint pool, CUmemPool_attribute attr, void* value);
    [LibraryImport(Library)] public static partial CUresult cuMemPoolGetAttribute(nint pool, CUmemPool_attribute attr, void* value);
    [LibraryImport(Library)] public static partial CUresult cuMemAllocFromPoolAsync(ulong* dptr, nuint bytesize, nint pool, nint hStream);
    [LibraryImport(Library)] public static partial CUresult cuMemFreeAsync(ulong dptr, nint hStream);
    [LibraryImport(Library)] public static partial CUresult cuMemcpyHtoDAsync_v2(ulong dstDevice, void* srcHost, nuint ByteCount, nint hStream);
    [LibraryImport(Library)] public static partial CUresult cuMemcpyDtoHAsync_v2(void* dstHost, ulong srcDevice, nuint ByteCount, nint hStream);
    [LibraryImport(Library)] public static partial CUresult cuMemcpyDtoDAsync_v2(ulong dstDevice, ulong srcDevice, nuint ByteCount, nint hStream);
    [LibraryImport(Library)] public static partial CUresult cuMemsetD8Async(ulong dstDevice, byte uc, nuint N, nint hStream);
    [LibraryImport(Library)] public static partial CUresult cuMemsetD32Async(ulong dstDevice, uint ui, nuint N, nint hStream);

    // ---- streams and events ----
    [LibraryImport(Library)] public static partial CUresult cuStreamCreate(nint* phStream, uint Flags);
    [LibraryImport(Library)] public static partial CUresult cuStreamDestroy_v2(nint hStream);
    [LibraryImport(Library)] public static partial CUresult cuStreamSynchronize(nint hStream);
    [LibraryImport(Library)] public static partial CUresult cuStreamQuery(nint hStream);
    [LibraryImport(Library)] public static partial CUresult cuStreamWaitEvent(nint hStream, nint hEvent, uint Flags);
    [LibraryImport(Library)] public static partial CUresult cuEventCreate(nint* phEvent, uint Flags);
    [LibraryImport(Library)] public static partial CUresult cuEventDestroy_v2(nint hEvent);
    [LibraryImport(Library)] public static partial CUresult cuEventRecord(nint hEvent, nint hStream);
    [LibraryImport(Library)] public static partial CUresult cuEventQuery(nint hEvent);
    [LibraryImport(Library)] public static partial CUresult cuEventSynchronize(nint hEvent);
    [LibraryImport(Library)] public static partial CUresult cuEventElapsedTime(float* pMilliseconds, nint hStart, nint hEnd);

    // ---- modules and launches ----
    [LibraryImport(Library)] public static partial CUresult cuModuleLoadDataEx(nint* module, void* image, uint numOptions, CUjit_option* options, void** optionValues);
    [LibraryImport(Library)] public static partial CUresult cuModuleUnload(nint hmod);
    [LibraryImport(Library)] public static partial CUresult cuModuleGetFunction(nint* hfunc, nint hmod, byte* name);
    [LibraryImport(Library)] public static partial CUresult cuFuncGetAttribute(int* pi, CUfunction_attribute attrib, nint hfunc);
    [LibraryImport(Library)] public static partial CUresult cuFuncSetAttribute(nint hfunc, CUfunction_attribute attrib, int value);
    [LibraryImport(Library)]
    public static partial CUresult cuLaunchKernel(
        nint f,
        uint gridDimX,
        uint gridDimY,
        uint gridDimZ,
        uint blockDimX,
        uint blockDimY,
        uint blockDimZ,
        uint sharedMemBytes,
        nint hStream,
        void** kernelParams,
        void** extra);

    // ---- graphs ----
    [LibraryImport(Library)] public static partial CUresult cuStreamBeginCapture_v2(nint hStream, CUstreamCaptureMode mode);
    [LibraryImport(Library)] public static partial CUresult cuStreamEndCapture(nint hStream, nint* phGraph);
    [LibraryImport(Library)] public static partial CUresult cuGraphInstantiateWithFlags(nint* phGraphExec, nint hGraph, ulong flags);
    [LibraryImport(Library)] public static partial CUresult cuGraphLaunch(nint hGraphExec, nint hStream);
    [LibraryImport(Library)] public static partial CUresult cuGraphExecDestroy(nint hGraphExec);
    [LibraryImport(Library)] public static partial CUresult cuGraphDestroy(nint hGraph);
}
