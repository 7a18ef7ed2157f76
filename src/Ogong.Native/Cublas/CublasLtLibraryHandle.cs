using Ogong.Native.Cuda;
using static Ogong.Native.Cublas.CublasException;
using static Ogong.Native.Cublas.CublasLtImports;

namespace Ogong.Native.Cublas;

/// <summary>The library's own state for a context.</summary>
internal sealed unsafe class CublasLtLibraryHandle : CudaHandle
{
    private CublasLtLibraryHandle(CudaContext context, nint handle)
        : base(context, context, handle)
    {
    }

    public static CublasLtLibraryHandle Create(CudaContext context)
    {
        using var use = context.Use();
        nint handle = 0;
        Check(cublasLtCreate(&handle));
        return new CublasLtLibraryHandle(context, handle);
    }

    private protected override CUresult Destroy(nint handle) =>
        cublasLtDestroy(handle) == cublasStatus_t.CUBLAS_STATUS_SUCCESS ? CUresult.CUDA_SUCCESS : CUresult.CUDA_ERROR_UNKNOWN;
}
