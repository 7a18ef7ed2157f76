namespace Ogong.Native.OpenCl;

/// <summary>A kernel and its arguments. Not thread-safe.</summary>
public sealed unsafe class OpenClKernel : IDisposable
{
    private readonly OpenClApi _api;
    private readonly OpenClHandle _handle;

    internal OpenClKernel(OpenClApi api, OpenClHandle handle, string name)
    {
        (_api, _handle, Name) = (api, handle, name);
        ArgumentCount = (int)OpenClInfo.Value<uint>(api.clGetKernelInfo, handle.Value, OpenClInfo.CL_KERNEL_NUM_ARGS, nameof(api.clGetKernelInfo));
    }

    /// <summary>Its name in the program.</summary>
    public string Name { get; }

    /// <summary>How many arguments it takes.</summary>
    public int ArgumentCount { get; }

    internal nint Value => _handle.Value;

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    internal void SetArguments(ReadOnlySpan<OpenClArgument> arguments)
    {
        if (arguments.Length != ArgumentCount) throw new ArgumentException($"{Name} takes {ArgumentCount} arguments, not {arguments.Length}.", nameof(arguments));
        for (int i = 0; i < arguments.Length; i++)
        {
            OpenClArgument argument = arguments[i];
            ulong bits = argument.Bits;
            int code = _api.clSetKernelArg(_handle.Value, (uint)i, (nuint)argument.Size, argument.IsLocal ? null : &bits);
            if (code != 0) throw new OpenClException(nameof(_api.clSetKernelArg), code, $"argument {i} of {Name}");
        }
    }
}

/// <summary>One kernel argument: a buffer, a scalar of 4 or 8 bytes, or a size of local memory.</summary>
public readonly struct OpenClArgument
{
    private OpenClArgument(ulong bits, int size, bool isLocal = false) => (Bits, Size, IsLocal) = (bits, size, isLocal);

    internal ulong Bits { get; }

    internal int Size { get; }

    internal bool IsLocal { get; }

    /// <summary>Local memory of the work-group, uninitialised.</summary>
    public static OpenClArgument Local(int byteLength) => new(0, byteLength, isLocal: true);

    /// <summary>A <c>__global</c> pointer that is null.</summary>
    public static OpenClArgument NullPointer => new(0, IntPtr.Size);

    /// <summary>A <c>__global</c> pointer to a buffer's start.</summary>
    public static implicit operator OpenClArgument(OpenClBuffer buffer) => new((ulong)(buffer ?? throw new ArgumentNullException(nameof(buffer))).Value, IntPtr.Size);

    /// <summary>An <c>int</c>.</summary>
    public static implicit operator OpenClArgument(int value) => new((uint)value, sizeof(int));

    /// <summary>A <c>uint</c>.</summary>
    public static implicit operator OpenClArgument(uint value) => new(value, sizeof(uint));

    /// <summary>A <c>float</c>.</summary>
    public static implicit operator OpenClArgument(float value) => new(BitConverter.SingleToUInt32Bits(value), sizeof(float));

    /// <summary>A <c>ulong</c>.</summary>
    public static implicit operator OpenClArgument(ulong value) => new(value, sizeof(ulong));

    /// <summary>A <c>long</c>.</summary>
    public static implicit operator OpenClArgument(long value) => new((ulong)value, sizeof(long));
}
