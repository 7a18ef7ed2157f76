using System.Runtime.CompilerServices;

namespace Ogong.Native.Cublas;

/// <summary>A call of cuBLASLt failed.</summary>
public sealed class CublasException : Exception
{
    private CublasException(string call, cublasStatus_t status, string? about)
        : base($"{call} failed: {status} ({(int)status}){(about is null ? "" : ": " + about)}")
    {
        (Call, Code, Name) = (call, (int)status, status.ToString());
    }

    /// <summary>The function that failed, as cublasLt.h names it.</summary>
    public string Call { get; }

    /// <summary>The cublasStatus_t it returned.</summary>
    public int Code { get; }

    /// <summary>That status's name, such as CUBLAS_STATUS_NOT_SUPPORTED.</summary>
    public string Name { get; }

    internal static void Check(cublasStatus_t status, string? about = null, [CallerArgumentExpression(nameof(status))] string call = "")
    {
        if (status != cublasStatus_t.CUBLAS_STATUS_SUCCESS)
            throw new CublasException(call.Split('(')[0], status, about);
    }
}
