using System.Runtime.InteropServices;

namespace Ogong.Native.Cublas;

/// <summary>cuBLASLt as cublasLt.h declares it: names verbatim, blittable. README.md lists the source and the first version of each.</summary>
internal static unsafe partial class CublasLtImports
{
    private const string Library = NativeBinding.CublasLt;

    [LibraryImport(Library)] public static partial nuint cublasLtGetVersion();
    [LibraryImport(Library)] public static partial cublasStatus_t cublasLtCreate(nint* lightHandle);
    [LibraryImport(Library)] public static partial cublasStatus_t cublasLtDestroy(nint lightHandle);
    [LibraryImport(Library)]
    public static partial cublasStatus_t cublasLtMatmulDescCreate(nint* matmulDesc, cublasComputeType_t computeType, cudaDataType scaleType);
    [LibraryImport(Library)] public static partial cublasStatus_t cublasLtMatmulDescDestroy(nint matmulDesc);
    [LibraryImport(Library)]
    public static partial cublasStatus_t cublasLtMatmulDescSetAttribute(nint matmulDesc, cublasLtMatmulDescAttributes_t attr, void* buf, nuint sizeInBytes);
    [LibraryImport(Library)] public static partial cublasStatus_t cublasLtMatrixLayoutCreate(nint* matLayout, cudaDataType type, ulong rows, ulong cols, long ld);
    [LibraryImport(Library)] public static partial cublasStatus_t cublasLtMatrixLayoutDestroy(nint matLayout);
    [LibraryImport(Library)] public static partial cublasStatus_t cublasLtMatmulPreferenceCreate(nint* pref);
    [LibraryImport(Library)] public static partial cublasStatus_t cublasLtMatmulPreferenceDestroy(nint pref);
    [LibraryImport(Library)]
    public static partial cublasStatus_t cublasLtMatmulPreferenceSetAttribute(nint pref, cublasLtMatmulPreferenceAttributes_t attr, void* buf, nuint sizeInBytes);
    [LibraryImport(Library)]
    public static partial cublasStatus_t cublasLtMatmulAlgoGetHeuristic(
        nint lightHandle,
        nint operationDesc,
        nint Adesc,
        nint Bdesc,
        nint Cdesc,
        nint Ddesc,
        nint preference,
        int requestedAlgoCount,
        cublasLtMatmulHeuristicResult_t* heuristicResultsArray,
        int* returnAlgoCount);
    [LibraryImport(Library)]
    public static partial cublasStatus_t cublasLtMatmul(
        nint lightHandle,
        nint computeDesc,
        void* alpha,
        ulong A,
        nint Adesc,
        ulong B,
        nint Bdesc,
        void* beta,
        ulong C,
        nint Cdesc,
        ulong D,
        nint Ddesc,
        cublasLtMatmulAlgo_t* algo,
        ulong workspace,
        nuint workspaceSizeInBytes,
        nint stream);
}

// The types of cublas_api.h, library_types.h and cublasLt.h that the imports mention; of each enumeration, the values that are used.
internal enum cublasStatus_t
{
    CUBLAS_STATUS_SUCCESS = 0,
    CUBLAS_STATUS_NOT_INITIALIZED = 1,
    CUBLAS_STATUS_ALLOC_FAILED = 3,
    CUBLAS_STATUS_INVALID_VALUE = 7,
    CUBLAS_STATUS_ARCH_MISMATCH = 8,
    CUBLAS_STATUS_MAPPING_ERROR = 11,
    CUBLAS_STATUS_EXECUTION_FAILED = 13,
    CUBLAS_STATUS_INTERNAL_ERROR = 14,
    CUBLAS_STATUS_NOT_SUPPORTED = 15,
    CUBLAS_STATUS_LICENSE_ERROR = 16,
}

internal enum cublasComputeType_t
{
    CUBLAS_COMPUTE_32F = 68,
    CUBLAS_COMPUTE_32I = 72,
    CUBLAS_COMPUTE_32F_FAST_TF32 = 77,
}

internal enum cudaDataType
{
    CUDA_R_32F = 0,
    CUDA_R_16F = 2,
    CUDA_R_8I = 3,
    CUDA_R_32I = 10,
    CUDA_R_16BF = 14,
}

internal enum cublasLtMatmulDescAttributes_t
{
    CUBLASLT_MATMUL_DESC_TRANSA = 3,
}

internal enum cublasLtMatmulPreferenceAttributes_t
{
    CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES = 1,
    CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES = 5,
    CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES = 6,
    CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES = 7,
    CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES = 8,
}

/// <summary>64 bytes that only the library reads.</summary>
internal unsafe struct cublasLtMatmulAlgo_t
{
    public fixed ulong data[8];
}

/// <summary>96 bytes.</summary>
internal unsafe struct cublasLtMatmulHeuristicResult_t
{
    public cublasLtMatmulAlgo_t algo;
    public nuint workspaceSize;
    public cublasStatus_t state;
    public float wavesCount;
    public fixed int reserved[4];
}
