using System.Diagnostics.CodeAnalysis;

namespace Ogong.Native.OpenCl;

/// <summary>The OpenCL loader and, through it, every installed OpenCL driver. Thread-safe.</summary>
/// <remarks>Once loaded they stay for the life of the process: drivers run threads of their own, which would not survive being unloaded.</remarks>
public sealed unsafe class OpenClLibrary
{
    private const ulong AllDevices = 0xFFFFFFFF;
    private const int NoDevices = -1, NoPlatforms = -1001;
    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, OpenClApi> Loaded = [];
    private readonly OpenClApi _api;

    private OpenClLibrary(OpenClApi api)
    {
        _api = api;
        Devices = [.. Enumerate(api)];
    }

    /// <summary>Where the loader was found.</summary>
    public string Path => _api.Library.Path;

    /// <summary>The devices of every platform, in the loader's order; <c>opencl:N</c> is the N-th. May be empty.</summary>
    public IReadOnlyList<OpenClDevice> Devices { get; }

    /// <summary>Loads the OpenCL loader and lists the devices.</summary>
    /// <param name="library">The library.</param>
    /// <param name="reason">Why there is none, with everything that was tried.</param>
    /// <param name="path">The loader's file, or null to search (<see cref="LibraryLocator"/>).</param>
    public static bool TryLoad([NotNullWhen(true)] out OpenClLibrary? library, [NotNullWhen(false)] out string? reason, string? path = null)
    {
        (library, reason) = (null, null);
        try
        {
            // One at a time: not every loader initialises itself safely from several threads.
            lock (Gate)
            {
                LibrarySearch search = LibraryLocator.Find(LibraryDescription.OpenCl, path);
                if (!search.IsFound)
                {
                    reason = search.ToString();
                    return false;
                }
                if (Loaded.TryGetValue(search.Loaded.Path, out OpenClApi? api)) search.Dispose();
                else Loaded.Add(search.Loaded.Path, api = new OpenClApi(search.Loaded));
                library = new OpenClLibrary(api);
            }
            return true;
        }
        catch (Exception e) when (e is EntryPointNotFoundException or OpenClException)
        {
            reason = e.Message;
            return false;
        }
    }

    private static List<OpenClDevice> Enumerate(OpenClApi api)
    {
        var devices = new List<OpenClDevice>();
        uint count = 0;
        int code = api.clGetPlatformIDs(0, null, &count);
        if (code == NoPlatforms || (code == 0 && count == 0)) return devices;
        OpenClException.Check(code, nameof(api.clGetPlatformIDs));
        nint[] platforms = new nint[count];
        fixed (nint* to = platforms) OpenClException.Check(api.clGetPlatformIDs(count, to, null), nameof(api.clGetPlatformIDs));
        foreach (nint platform in platforms)
        {
            code = api.clGetDeviceIDs(platform, AllDevices, 0, null, &count);
            if (code == NoDevices || (code == 0 && count == 0)) continue;
            OpenClException.Check(code, nameof(api.clGetDeviceIDs));
            nint[] ids = new nint[count];
            fixed (nint* to = ids) OpenClException.Check(api.clGetDeviceIDs(platform, AllDevices, count, to, null), nameof(api.clGetDeviceIDs));
            string name = OpenClInfo.Text(api.clGetPlatformInfo, platform, OpenClInfo.CL_PLATFORM_NAME, nameof(api.clGetPlatformInfo));
            foreach (nint id in ids) devices.Add(new OpenClDevice(api, id, name, devices.Count));
        }
        return devices;
    }
}
