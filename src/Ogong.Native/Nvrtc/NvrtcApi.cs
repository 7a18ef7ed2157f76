namespace Ogong.Native.Nvrtc;

/// <summary>
/// NVRTC as nvrtc.h declares it: functions under their own names, blittable. They are pointers of one library rather than imports, so that a
/// program can use the compilers of two toolkits. README.md lists the source and the first version of each.
/// </summary>
internal sealed unsafe class NvrtcApi
{
    public readonly delegate* unmanaged<nvrtcResult, byte*> nvrtcGetErrorString;
    public readonly delegate* unmanaged<int*, int*, nvrtcResult> nvrtcVersion;
    public readonly delegate* unmanaged<int*, nvrtcResult> nvrtcGetNumSupportedArchs;
    public readonly delegate* unmanaged<int*, nvrtcResult> nvrtcGetSupportedArchs;

    /// <summary>prog, src, name, numHeaders, headers, includeNames.</summary>
    public readonly delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, nvrtcResult> nvrtcCreateProgram;
    public readonly delegate* unmanaged<nint*, nvrtcResult> nvrtcDestroyProgram;
    public readonly delegate* unmanaged<nint, int, byte**, nvrtcResult> nvrtcCompileProgram;
    public readonly delegate* unmanaged<nint, nuint*, nvrtcResult> nvrtcGetProgramLogSize, nvrtcGetCUBINSize, nvrtcGetPTXSize;
    public readonly delegate* unmanaged<nint, byte*, nvrtcResult> nvrtcGetProgramLog, nvrtcGetCUBIN, nvrtcGetPTX;

    /// <summary>Looks the functions up.</summary>
    /// <exception cref="EntryPointNotFoundException">The library lacks one; the message names it.</exception>
    public NvrtcApi(LoadedLibrary library)
    {
        Library = library;
        nvrtcGetErrorString = (delegate* unmanaged<nvrtcResult, byte*>)Export(nameof(nvrtcGetErrorString));
        nvrtcVersion = (delegate* unmanaged<int*, int*, nvrtcResult>)Export(nameof(nvrtcVersion));
        nvrtcGetNumSupportedArchs = (delegate* unmanaged<int*, nvrtcResult>)Export(nameof(nvrtcGetNumSupportedArchs));
        nvrtcGetSupportedArchs = (delegate* unmanaged<int*, nvrtcResult>)Export(nameof(nvrtcGetSupportedArchs));
        nvrtcCreateProgram = (delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, nvrtcResult>)Export(nameof(nvrtcCreateProgram));
        nvrtcDestroyProgram = (delegate* unmanaged<nint*, nvrtcResult>)Export(nameof(nvrtcDestroyProgram));
        nvrtcCompileProgram = (delegate* unmanaged<nint, int, byte**, nvrtcResult>)Export(nameof(nvrtcCompileProgram));
        nvrtcGetProgramLogSize = (delegate* unmanaged<nint, nuint*, nvrtcResult>)Export(nameof(nvrtcGetProgramLogSize));
        nvrtcGetProgramLog = (delegate* unmanaged<nint, byte*, nvrtcResult>)Export(nameof(nvrtcGetProgramLog));
        nvrtcGetCUBINSize = (delegate* unmanaged<nint, nuint*, nvrtcResult>)Export(nameof(nvrtcGetCUBINSize));
        nvrtcGetCUBIN = (delegate* unmanaged<nint, byte*, nvrtcResult>)Export(nameof(nvrtcGetCUBIN));
        nvrtcGetPTXSize = (delegate* unmanaged<nint, nuint*, nvrtcResult>)Export(nameof(nvrtcGetPTXSize));
        nvrtcGetPTX = (delegate* unmanaged<nint, byte*, nvrtcResult>)Export(nameof(nvrtcGetPTX));
    }

    /// <summary>The library the pointers lead into.</summary>
    public LoadedLibrary Library { get; }

    private nint Export(string name) => Library.TryGetExport(name, out nint address) ? address : throw new EntryPointNotFoundException($"no function {name}");
}

/// <summary>Return codes.</summary>
internal enum nvrtcResult
{
    NVRTC_SUCCESS = 0,
}
