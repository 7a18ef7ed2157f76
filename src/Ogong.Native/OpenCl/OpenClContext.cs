using System.Text;

namespace Ogong.Native.OpenCl;

/// <summary>Memory, programs and queues of one device. Thread-safe; dispose it after what it made.</summary>
public sealed unsafe class OpenClContext : IDisposable
{
    private const ulong ReadWrite = 1, Profiling = 2;
    private readonly OpenClApi _api;
    private readonly OpenClHandle _handle;

    internal OpenClContext(OpenClDevice device)
    {
        (_api, Device) = (device.Api, device);
        nint id = device.Id;
        int code;
        nint context = _api.clCreateContext(null, 1, &id, null, null, &code);
        OpenClException.Check(code, nameof(_api.clCreateContext), device.Name);
        _handle = new OpenClHandle(_api, context, _api.clReleaseContext);
    }

    /// <summary>The device it is of.</summary>
    public OpenClDevice Device { get; }

    /// <summary>Allocates device memory, uninitialised. Many drivers commit it only when it is first used, and report a lack of memory then.</summary>
    /// <exception cref="OpenClException">There is not enough memory, or the size is more than <see cref="OpenClDevice.MaxAllocation"/>.</exception>
    public OpenClBuffer Allocate(long byteLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(byteLength);
        int code;
        nint memory = _api.clCreateBuffer(_handle.Value, ReadWrite, (nuint)byteLength, null, &code);
        OpenClException.Check(code, nameof(_api.clCreateBuffer), $"{byteLength} bytes");
        return new OpenClBuffer(new OpenClHandle(_api, memory, _api.clReleaseMemObject), byteLength);
    }

    /// <summary>Creates an in-order queue.</summary>
    /// <param name="profiling">Whether events of the queue carry device times.</param>
    public OpenClCommandQueue CreateQueue(bool profiling = false)
    {
        int code;
        nint queue = _api.clCreateCommandQueue(_handle.Value, Device.Id, profiling ? Profiling : 0, &code);
        OpenClException.Check(code, nameof(_api.clCreateCommandQueue));
        return new OpenClCommandQueue(_api, new OpenClHandle(_api, queue, _api.clReleaseCommandQueue));
    }

    /// <summary>Compiles OpenCL C for the device.</summary>
    /// <param name="source">The program's text; there are no include folders.</param>
    /// <param name="options">Compiler options of the specification, e.g. <c>-cl-std=CL1.2 -DN=4</c>.</param>
    /// <exception cref="OpenClBuildException">It does not compile; carries the compiler's log.</exception>
    public OpenClProgram Compile(string source, string options)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        byte[] text = Encoding.UTF8.GetBytes(source);
        int code;
        nint program;
        fixed (byte* from = text)
        {
            byte* pointer = from;
            nuint length = (nuint)text.Length;
            program = _api.clCreateProgramWithSource(_handle.Value, 1, &pointer, &length, &code);
        }
        OpenClException.Check(code, nameof(_api.clCreateProgramWithSource));
        return Build(program, options);
    }

    /// <summary>Makes a program of what <see cref="OpenClProgram.GetBinary"/> gave on the same device and driver.</summary>
    /// <exception cref="OpenClException">The driver does not take the bytes.</exception>
    public OpenClProgram Load(ReadOnlySpan<byte> binary, string options)
    {
        ArgumentNullException.ThrowIfNull(options);
        int code, status;
        nint program, device = Device.Id;
        fixed (byte* from = binary)
        {
            byte* pointer = from;
            nuint length = (nuint)binary.Length;
            program = _api.clCreateProgramWithBinary(_handle.Value, 1, &device, &length, &pointer, &status, &code);
        }
        OpenClException.Check(code, nameof(_api.clCreateProgramWithBinary));
        return Build(program, options);
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private OpenClProgram Build(nint program, string options)
    {
        var handle = new OpenClHandle(_api, program, _api.clReleaseProgram);
        try
        {
            nint device = Device.Id;
            int code;
            fixed (byte* text = Encoding.UTF8.GetBytes(options + '\0')) code = _api.clBuildProgram(program, 1, &device, text, null, null);
            string log = BuildLog(program);
            if (code != 0) throw new OpenClBuildException(code, options, log);
            return new OpenClProgram(_api, handle, log);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private string BuildLog(nint program)
    {
        nuint size;
        OpenClException.Check(_api.clGetProgramBuildInfo(program, Device.Id, OpenClInfo.CL_PROGRAM_BUILD_LOG, 0, null, &size), nameof(_api.clGetProgramBuildInfo));
        byte[] bytes = new byte[size];
        fixed (byte* to = bytes)
            OpenClException.Check(_api.clGetProgramBuildInfo(program, Device.Id, OpenClInfo.CL_PROGRAM_BUILD_LOG, size, to, null), nameof(_api.clGetProgramBuildInfo));
        return Encoding.UTF8.GetString(bytes).TrimEnd('\0', '\n', ' ');
    }
}
