using System.Text;
using static Ogong.Native.Cuda.CudaException;
using static Ogong.Native.Cuda.CudaImports;
using static Ogong.Native.Cuda.CUjit_option;

namespace Ogong.Native.Cuda;

/// <summary>Compiled device code, loaded into a context.</summary>
public sealed unsafe class CudaModule : CudaHandle
{
    private const int LogBytes = 16384;

    private CudaModule(CudaContext context, nint handle)
        : base(context, context, handle)
    {
    }

    internal static CudaModule Load(CudaContext context, ReadOnlySpan<byte> image)
    {
        if (image.IsEmpty)
            throw new ArgumentException("The image is empty.", nameof(image));
        using var use = context.Use();
        nint handle = 0;
        byte[] log = new byte[LogBytes];
        // PTX ends at its first zero byte, which an array read from a file does not have.
        byte[] terminated = [.. image, 0];
        fixed (byte* data = terminated, text = log)
        {
            CUjit_option* options = stackalloc[] { CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES };
            void** values = stackalloc void*[] { text, (void*)LogBytes };
            CUresult result = cuModuleLoadDataEx(&handle, data, 2, options, values);
            if (result != CUresult.CUDA_SUCCESS)
                throw Failure(result, nameof(cuModuleLoadDataEx), Encoding.UTF8.GetString(log).TrimEnd('\0'));
        }

        return new CudaModule(context, handle);
    }

    /// <summary>A kernel of this module.</summary>
    /// <param name="name">Its name, as declared with <c>extern "C"</c>.</param>
    /// <exception cref="CudaException">The module has no such kernel.</exception>
    public CudaFunction GetFunction(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        using var use = Use();
        nint function = 0;
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'))
        {
            CUresult result = cuModuleGetFunction(&function, use.Value, text);
            if (result != CUresult.CUDA_SUCCESS)
                throw Failure(result, nameof(cuModuleGetFunction), $"the function asked for: {name}");
        }

        return new CudaFunction(this, function, name);
    }

    private protected override CUresult Destroy(nint handle) => cuModuleUnload(handle);
}
