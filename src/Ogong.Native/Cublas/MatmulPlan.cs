using System.Runtime.InteropServices;
using static Ogong.Native.Cublas.CublasException;
using static Ogong.Native.Cublas.CublasLtImports;
using static Ogong.Native.Cublas.cublasLtMatmulDescAttributes_t;
using static Ogong.Native.Cublas.cublasLtMatmulPreferenceAttributes_t;

namespace Ogong.Native.Cublas;

/// <summary>What the choice depends on. Alignment is that of the three addresses, in bytes, 256 at most.</summary>
internal readonly record struct MatmulShape(MatmulType Type, int Rows, int Outputs, int Columns, uint Alignment);

/// <summary>
/// How one shape is multiplied. The library's matrices are column-major, so the row-major y = x·wᵀ is asked for as yᵀ = w·xᵀ: the bytes of w,
/// row-major N×K, are a column-major K×N matrix that is transposed (A); those of x are xᵀ, K×rows (B); those of y are yᵀ, N×rows (C and D).
/// </summary>
internal sealed unsafe class MatmulPlan : IDisposable
{
    private const int Transposed = 1; // CUBLAS_OP_T

    private MatmulPlan(MatmulShape shape) => Shape = shape;

    public MatmulShape Shape { get; }

    public required Descriptor Operation { get; init; }

    public required Descriptor Weights { get; init; }

    public required Descriptor Inputs { get; init; }

    public required Descriptor Output { get; init; }

    public cublasLtMatmulAlgo_t Algorithm { get; private set; }

    public nuint WorkspaceBytes { get; private set; }

    public static MatmulPlan Create(nint library, MatmulShape shape, long workspaceBytes)
    {
        (cudaDataType type, cublasComputeType_t compute, cudaDataType sum) = shape.Type switch
        {
            MatmulType.F32 => (cudaDataType.CUDA_R_32F, cublasComputeType_t.CUBLAS_COMPUTE_32F_FAST_TF32, cudaDataType.CUDA_R_32F),
            MatmulType.F16 => (cudaDataType.CUDA_R_16F, cublasComputeType_t.CUBLAS_COMPUTE_32F, cudaDataType.CUDA_R_32F),
            MatmulType.BF16 => (cudaDataType.CUDA_R_16BF, cublasComputeType_t.CUBLAS_COMPUTE_32F, cudaDataType.CUDA_R_32F),
            MatmulType.S8 => (cudaDataType.CUDA_R_8I, cublasComputeType_t.CUBLAS_COMPUTE_32I, cudaDataType.CUDA_R_32I),
            _ => throw new ArgumentOutOfRangeException(nameof(shape), shape.Type, "no such type"),
        };
        var plan = new MatmulPlan(shape)
        {
            Operation = Descriptor.Operation(compute, sum),
            Weights = Descriptor.Matrix(type, shape.Columns, shape.Outputs),
            Inputs = Descriptor.Matrix(type, shape.Columns, shape.Rows),
            Output = Descriptor.Matrix(sum, shape.Outputs, shape.Rows),
        };
        try
        {
            plan.Choose(library, (nuint)workspaceBytes);
            return plan;
        }
        catch
        {
            plan.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Operation.Dispose();
        Weights.Dispose();
        Inputs.Dispose();
        Output.Dispose();
    }

    private void Choose(nint library, nuint workspaceBytes)
    {
        int transposed = Transposed, found = 0;
        Check(cublasLtMatmulDescSetAttribute(Operation.Value, CUBLASLT_MATMUL_DESC_TRANSA, &transposed, sizeof(int)));
        using var preference = Descriptor.Preference();
        Check(cublasLtMatmulPreferenceSetAttribute(preference.Value, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &workspaceBytes, (nuint)sizeof(nuint)));
        uint alignment = Shape.Alignment;
        for (var attribute = CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES; attribute <= CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES; attribute++)
            Check(cublasLtMatmulPreferenceSetAttribute(preference.Value, attribute, &alignment, sizeof(uint)));
        cublasLtMatmulHeuristicResult_t result;
        Check(
            cublasLtMatmulAlgoGetHeuristic(
                library, Operation.Value, Weights.Value, Inputs.Value, Output.Value, Output.Value, preference.Value, 1, &result, &found),
            Shape.ToString());
        Check(found == 0 ? cublasStatus_t.CUBLAS_STATUS_NOT_SUPPORTED : result.state, Shape.ToString(), nameof(cublasLtMatmulAlgoGetHeuristic));
        (Algorithm, WorkspaceBytes) = (result.algo, result.workspaceSize);
    }
}

/// <summary>One of the library's small descriptions. They live on the host and belong to no context.</summary>
internal sealed unsafe class Descriptor : SafeHandle
{
    private readonly delegate*<nint, cublasStatus_t> _destroy;

    private Descriptor(nint handle, delegate*<nint, cublasStatus_t> destroy)
        : base(invalidHandleValue: 0, ownsHandle: true)
    {
        _destroy = destroy;
        SetHandle(handle);
    }

    public override bool IsInvalid => handle == 0;

    public nint Value => handle;

    public static Descriptor Operation(cublasComputeType_t compute, cudaDataType scale)
    {
        nint handle = 0;
        Check(cublasLtMatmulDescCreate(&handle, compute, scale));
        return new Descriptor(handle, &cublasLtMatmulDescDestroy);
    }

    /// <summary>A dense column-major matrix.</summary>
    public static Descriptor Matrix(cudaDataType type, int rows, int columns)
    {
        nint handle = 0;
        Check(cublasLtMatrixLayoutCreate(&handle, type, (ulong)rows, (ulong)columns, rows));
        return new Descriptor(handle, &cublasLtMatrixLayoutDestroy);
    }

    public static Descriptor Preference()
    {
        nint handle = 0;
        Check(cublasLtMatmulPreferenceCreate(&handle));
        return new Descriptor(handle, &cublasLtMatmulPreferenceDestroy);
    }

    protected override bool ReleaseHandle() => _destroy(handle) == cublasStatus_t.CUBLAS_STATUS_SUCCESS;
}
