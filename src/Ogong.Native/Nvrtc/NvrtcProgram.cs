using System.Runtime.InteropServices;
using System.Text;
using static Ogong.Native.Nvrtc.NvrtcException;
using static Ogong.Native.Nvrtc.NvrtcImports;

namespace Ogong.Native.Nvrtc;

/// <summary>A program being compiled. Used by one thread.</summary>
internal sealed unsafe class NvrtcProgram : SafeHandle
{
    private NvrtcProgram(nint handle)
        : base(invalidHandleValue: 0, ownsHandle: true)
    {
        SetHandle(handle);
    }

    public override bool IsInvalid => handle == 0;

    public static NvrtcProgram Create(string source, string name, IReadOnlyCollection<KeyValuePair<string, string>> headers)
    {
        using var texts = new Utf8Array([source, name, .. headers.Select(static h => h.Key), .. headers.Select(static h => h.Value)]);
        nint handle = 0;
        byte** includeNames = texts.Pointers + 2;
        Check(nvrtcCreateProgram(&handle, texts.Pointers[0], texts.Pointers[1], headers.Count, includeNames + headers.Count, includeNames));
        return new NvrtcProgram(handle);
    }

    /// <summary>Compiles and returns the log.</summary>
    public string Compile(IReadOnlyList<string> options)
    {
        using var texts = new Utf8Array(options);
        nvrtcResult result = nvrtcCompileProgram(handle, options.Count, texts.Pointers);
        nuint size = 0;
        Check(nvrtcGetProgramLogSize(handle, &size));
        string log = Encoding.UTF8.GetString(Get(size, &nvrtcGetProgramLog)).Trim('\0', '\n', ' ');
        return result == nvrtcResult.NVRTC_SUCCESS ? log : throw Failure(result, nameof(nvrtcCompileProgram), log);
    }

    public byte[] GetCubin()
    {
        nuint size = 0;
        Check(nvrtcGetCUBINSize(handle, &size));
        return Get(size, &nvrtcGetCUBIN);
    }

    public byte[] GetPtx()
    {
        nuint size = 0;
        Check(nvrtcGetPTXSize(handle, &size));
        return Get(size, &nvrtcGetPTX);
    }

    protected override bool ReleaseHandle()
    {
        nint program = handle;
        return nvrtcDestroyProgram(&program) == nvrtcResult.NVRTC_SUCCESS;
    }

    private byte[] Get(nuint size, delegate*<nint, byte*, nvrtcResult> get)
    {
        byte[] bytes = new byte[checked((int)size)];
        fixed (byte* first = bytes)
            Check(get(handle, first), "nvrtcGet…");
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
