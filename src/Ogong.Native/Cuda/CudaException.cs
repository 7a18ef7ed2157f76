using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ogong.Native.Cuda;

/// <summary>A call of the CUDA driver failed, or there is no usable driver.</summary>
public sealed class CudaException : Exception
{
    private CudaException(string call, int code, string name, string text)
        : base($"{call} failed: {name} ({code}): {text}")
    {
        (Call, Code, Name, Text) = (call, code, name, text);
    }

    /// <summary>The function that failed, as cuda.h names it.</summary>
    public string Call { get; }

    /// <summary>The CUresult it returned.</summary>
    public int Code { get; }

    /// <summary>That code's name, such as CUDA_ERROR_INVALID_VALUE.</summary>
    public string Name { get; }

    /// <summary>What the driver says about it, and what the caller asked for.</summary>
    public string Text { get; }

    /// <summary>Whether memory ran out.</summary>
    public bool IsOutOfMemory => Code == (int)CUresult.CUDA_ERROR_OUT_OF_MEMORY;

    /// <summary>Throws unless a call succeeded.</summary>
    /// <param name="result">What it returned.</param>
    /// <param name="call">The call as written; the function's name is taken from it.</param>
    internal static void Check(CUresult result, [CallerArgumentExpression(nameof(result))] string call = "")
    {
        if (result != CUresult.CUDA_SUCCESS)
            throw Failure(result, call);
    }

    /// <summary>Throws unless an allocation succeeded; the text says how much it asked for.</summary>
    internal static void CheckAllocation(CUresult result, long byteLength, string kind, [CallerArgumentExpression(nameof(result))] string call = "")
    {
        if (result != CUresult.CUDA_SUCCESS)
            throw Failure(result, call, string.Create(CultureInfo.InvariantCulture, $"{byteLength:N0} bytes of {kind} memory were asked for"));
    }

    internal static CudaException Failure(CUresult result, string call, string? about = null) =>
        new(Function(call), (int)result, NameOf(result), string.IsNullOrWhiteSpace(about) ? TextOf(result) : $"{TextOf(result)}: {about.Trim()}");

    internal static unsafe string NameOf(CUresult result)
    {
        byte* text = null;
        return CudaImports.cuGetErrorName(result, &text) == CUresult.CUDA_SUCCESS ? Marshal.PtrToStringUTF8((nint)text)! : "unknown error";
    }

    internal static unsafe string TextOf(CUresult result)
    {
        byte* text = null;
        return CudaImports.cuGetErrorString(result, &text) == CUresult.CUDA_SUCCESS ? Marshal.PtrToStringUTF8((nint)text)! : "the driver does not describe it";
    }

    // "CudaImports.cuInit(0)" and "cuInit(0)" -> "cuInit".
    private static string Function(string call)
    {
        string name = call.Split('(')[0];
        return name[(name.LastIndexOf('.') + 1)..];
    }
}
