using System.Text;

namespace Ogong.Native.OpenCl;

/// <summary>A program does not compile.</summary>
/// <param name="code">What <c>clBuildProgram</c> returned.</param>
/// <param name="options">The options it was given.</param>
/// <param name="log">The compiler's messages.</param>
public sealed class OpenClBuildException(int code, string options, string log)
    : Exception($"clBuildProgram: {code} {OpenClErrors.Name(code)} with options '{options}':{Environment.NewLine}{log}")
{
    /// <summary>What <c>clBuildProgram</c> returned.</summary>
    public int Code { get; } = code;

    /// <summary>The compiler's messages.</summary>
    public string Log { get; } = log;
}

/// <summary>A program compiled for one device. Thread-safe.</summary>
public sealed unsafe class OpenClProgram : IDisposable
{
    private readonly OpenClApi _api;
    private readonly OpenClHandle _handle;

    internal OpenClProgram(OpenClApi api, OpenClHandle handle, string log) => (_api, _handle, Log) = (api, handle, log);

    /// <summary>The compiler's messages, often empty.</summary>
    public string Log { get; }

    /// <summary>Creates a kernel object. Each keeps its own arguments, so each belongs to one thread at a time.</summary>
    /// <exception cref="OpenClException">The program has no kernel of that name.</exception>
    public OpenClKernel CreateKernel(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        int code;
        nint kernel;
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0')) kernel = _api.clCreateKernel(_handle.Value, text, &code);
        OpenClException.Check(code, nameof(_api.clCreateKernel), name);
        return new OpenClKernel(_api, new OpenClHandle(_api, kernel, _api.clReleaseKernel), name);
    }

    /// <summary>The compiled program, for <see cref="OpenClContext.Load"/> on the same device and driver.</summary>
    public byte[] GetBinary()
    {
        nuint size = OpenClInfo.Value<nuint>(_api.clGetProgramInfo, _handle.Value, OpenClInfo.CL_PROGRAM_BINARY_SIZES, nameof(_api.clGetProgramInfo));
        byte[] binary = new byte[size];
        fixed (byte* to = binary)
        {
            byte* pointer = to;
            OpenClException.Check(_api.clGetProgramInfo(_handle.Value, OpenClInfo.CL_PROGRAM_BINARIES, (nuint)sizeof(nint), &pointer, null), nameof(_api.clGetProgramInfo));
        }
        return binary;
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
