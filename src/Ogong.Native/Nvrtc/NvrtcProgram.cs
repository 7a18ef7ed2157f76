using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Ogong.Native.Nvrtc;

/// <summary>A program being compiled. Used by one thread.</summary>
internal sealed unsafe class NvrtcProgram : SafeHandle
{
    private readonly NvrtcCompiler _compiler;
    private readonly NvrtcApi _api;

    private NvrtcProgram(NvrtcCompiler compiler, NvrtcApi api, nint handle)
        : base(invalidHandleValue: 0, ownsHandle: true)
    {
        (_compiler, _api) = (compiler, api);
        SetHandle(handle);
    }

    public override bool IsInvalid => handle == 0;

    public static NvrtcProgram Create(
        NvrtcCompiler compiler,
        NvrtcApi api,
        string source,
        string name,
        IReadOnlyCollection<KeyValuePair<string, string>> headers)
    {
        using var texts = new Utf8Array([source, name, .. headers.Select(static h => h.Key), .. headers.Select(static h => h.Value)]);
        nint handle = 0;
        byte** includeNames = texts.Pointers + 2;
        compiler.Check(api.nvrtcCreateProgram(&handle, texts.Pointers[0], texts.Pointers[1], headers.Count, includeNames + headers.Count, includeNames));
        return new NvrtcProgram(compiler, api, handle);
    }

    /// <summary>Compiles and returns the log.</summary>
    public string Compile(IReadOnlyList<string> options)
    {
        using var texts = new Utf8Array(options);
        nvrtcResult result = _api.nvrtcCompileProgram(handle, options.Count, texts.Pointers);
        nuint size = 0;
        _compiler.Check(_api.nvrtcGetProgramLogSize(handle, &size));
        string log = Encoding.UTF8.GetString(Get(size, _api.nvrtcGetProgramLog)).Trim('\0', '\n', ' ');
        return result == nvrtcResult.NVRTC_SUCCESS ? log : throw _compiler.Failure(result, nameof(_api.nvrtcCompileProgram), log);
    }

    public byte[] GetCubin()
    {
        nuint size = 0;
        _compiler.Check(_api.nvrtcGetCUBINSize(handle, &size));
        return Get(size, _api.nvrtcGetCUBIN);
    }

    public byte[] GetPtx()
    {
        nuint size = 0;
        _compiler.Check(_api.nvrtcGetPTXSize(handle, &size));
        return Get(size, _api.nvrtcGetPTX);
    }

    protected override bool ReleaseHandle()
    {
        nint program = handle;
        return _api.nvrtcDestroyProgram(&program) == nvrtcResult.NVRTC_SUCCESS;
    }

    private byte[] Get(nuint size, delegate* unmanaged<nint, byte*, nvrtcResult> get, [CallerArgumentExpression(nameof(get))] string call = "")
    {
        byte[] bytes = new byte[checked((int)size)];
        fixed (byte* first = bytes)
            _compiler.Check(get(handle, first), call);
        return bytes;
    }

    /// <summary>Strings as C has them, until disposed.</summary>
    private sealed class Utf8Array : IDisposable
    {
        private readonly int _count;

        public Utf8Array(IReadOnlyList<string> texts)
        {
            _count = texts.Count;
            Pointers = (byte**)NativeMemory.AllocZeroed((nuint)Math.Max(1, _count), (nuint)sizeof(byte*));
            for (int i = 0; i < _count; i++)
                Pointers[i] = (byte*)Marshal.StringToCoTaskMemUTF8(texts[i]);
        }

        public byte** Pointers { get; }

        public void Dispose()
        {
            for (int i = 0; i < _count; i++)
                Marshal.FreeCoTaskMem((nint)Pointers[i]);
            NativeMemory.Free(Pointers);
        }
    }
}
