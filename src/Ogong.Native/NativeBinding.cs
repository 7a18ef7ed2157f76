using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Ogong.Native;

/// <summary>
/// Connects the import names that <c>[LibraryImport]</c> declarations use with the libraries that <see cref="LibraryLocator"/> found. A library
/// is bound once, when first asked for, and stays for the life of the process: function addresses are handed out, and drivers do not unload.
/// </summary>
internal static class NativeBinding
{
    public const string CudaDriver = "ogong:cuda", CublasLt = "ogong:cublasLt";

    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, LoadedLibrary> Bound = [];
    private static bool _resolving;

    /// <summary>Finds and binds a library, unless it is bound already.</summary>
    /// <param name="import">The name its imports use.</param>
    /// <param name="library">What to look for.</param>
    /// <param name="path">The one file to load, or null to search.</param>
    /// <param name="newest">The youngest of the functions that are imported; a library without it is too old.</param>
    /// <param name="needed">The version that has it, in words.</param>
    /// <param name="loaded">The bound library.</param>
    /// <param name="reason">Why there is none.</param>
    public static bool TryBind(
        string import,
        LibraryDescription library,
        string? path,
        string newest,
        string needed,
        [NotNullWhen(true)] out LoadedLibrary? loaded,
        [NotNullWhen(false)] out string? reason)
    {
        lock (Gate)
        {
            if (Bound.TryGetValue(import, out loaded))
            {
                reason = path is null || Path.GetFullPath(path) == loaded.Path ? null : $"{library} is bound to {loaded.Path} in this process, not to {path}";
                return reason is null;
            }

            var search = LibraryLocator.Find(library, path);
            if (!search.IsFound)
            {
                reason = search.ToString();
                return false;
            }

            if (!search.Loaded.TryGetExport(newest, out _))
            {
                reason = $"{search.Loaded.Path} has no function {newest}: {library} of {needed} or later is needed";
                search.Dispose();
                return false;
            }

            if (!_resolving)
                NativeLibrary.SetDllImportResolver(typeof(NativeBinding).Assembly, Resolve);
            _resolving = true;
            Bound[import] = loaded = search.Loaded;
            reason = null;
            return true;
        }
    }

    // 0 makes the runtime look for a file of that name and fail with it: only a call before TryBind gets there.
    private static nint Resolve(string import, Assembly assembly, DllImportSearchPath? searchPath)
    {
        lock (Gate)
            return Bound.TryGetValue(import, out var library) ? library.DangerousGetHandle() : 0;
    }
}
