using System.Runtime.InteropServices;

namespace Ogong.Native.Nvrtc;

/// <summary>NVRTC as nvrtc.h declares it: names verbatim, blittable. README.md lists the source and the first version of each.</summary>
internal static unsafe partial class NvrtcImports
{
    private const string Library = NativeBinding.Nvrtc;

    [LibraryImport(Library)] public static partial byte* nvrtcGetErrorString(nvrtcResult result);
    [LibraryImport(Library)] public static partial nvrtcResult nvrtcVersion(int* major, int* minor);
    [LibraryImport(Library)] public static partial nvrtcResult nvrtcGetNumSupportedArchs(int* numArchs);
    [LibraryImport(Library)] public static partial nvrtcResult nvrtcGetSupportedArchs(int* supportedArchs);
    [LibraryImport(Library)]
    public static partial nvrtcResult nvrtcCreateProgram(nint* prog, byte* src, byte* name, int numHeaders, byte** headers, byte** includeNames);
    [LibraryImport(Library)] public static partial nvrtcResult nvrtcDestroyProgram(nint* prog);
    [LibraryImport(Library)] public static partial nvrtcResult nvrtcCompileProgram(nint prog, int numOptions, byte** options);
    [LibraryImport(Library)] public static partial nvrtcResult nvrtcGetProgramLogSize(nint prog, nuint* logSizeRet);
    [LibraryImport(Library)] public static partial nvrtcResult nvrtcGetProgramLog(nint prog, byte* log);
    [LibraryImport(Library)] public static partial nvrtcResult nvrtcGetCUBINSize(nint prog, nuint* cubinSizeRet);
    [LibraryImport(Library)] public static partial nvrtcResult nvrtcGetCUBIN(nint prog, byte* cubin);
    [LibraryImport(Library)] public static partial nvrtcResult nvrtcGetPTXSize(nint prog, nuint* ptxSizeRet);
    [LibraryImport(Library)] public static partial nvrtcResult nvrtcGetPTX(nint prog, byte* ptx);
}

/// <summary>Return codes.</summary>
internal enum nvrtcResult
{
    NVRTC_SUCCESS = 0,
}
