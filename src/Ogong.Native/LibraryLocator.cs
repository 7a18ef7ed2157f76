using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Ogong.Native;

/// <summary>
/// Finds and loads a native library when asked, and says what it tried when there is none. Nothing is loaded before the call, and a
/// missing or broken library is an answer, never an exception. Safe to call from several threads.
/// </summary>
/// <remarks>
/// The order: a module already loaded; the caller's path; the library's environment variable; the packages' native folders; the
/// operating system's loader; the CUDA toolkit. A path that was given is an instruction, not a hint: if it fails, the search ends there
/// and nothing else is loaded in its place.
/// </remarks>
public static class LibraryLocator
{
    /// <summary>Searches for a library.</summary>
    /// <param name="library">The library to find.</param>
    /// <param name="path">The one file to load unless the library is loaded already, or null to search.</param>
    /// <returns>The loaded library, or the attempts made and why each failed.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="library"/> is null.</exception>
    public static LibrarySearch Find(LibraryDescription library, string? path = null) =>
        Find(library, path, Environment.GetEnvironmentVariable, PackageFolders());

    internal static LibrarySearch Find(LibraryDescription library, string? path, Func<string, string?> variable, IEnumerable<string> packageFolders)
    {
        ArgumentNullException.ThrowIfNull(library);
        var attempts = new List<LibraryAttempt>();
        return new LibrarySearch(library, FromProcess(library, attempts) ?? NotYetLoaded(), attempts);

        LoadedLibrary? NotYetLoaded()
        {
            if (!string.IsNullOrEmpty(path))
                return FromFile(library, LibrarySource.Option, path, attempts);
            if (variable(library.EnvironmentVariable) is { Length: > 0 } configured)
                return FromFile(library, LibrarySource.EnvironmentVariable, configured, attempts);
            return FromFolders(library, LibrarySource.Package, packageFolders, attempts)
                ?? FromSystem(library, attempts)
                ?? (library.IsInToolkit ? FromFolders(library, LibrarySource.Toolkit, ToolkitFolders(variable), attempts) : null);
        }
    }

    private static LoadedLibrary? FromProcess(LibraryDescription library, List<LibraryAttempt> attempts)
    {
        if (LoadedModule(library) is { } file)
            return Load(library, LibrarySource.AlreadyLoaded, file, attempts);
        attempts.Add(new LibraryAttempt(LibrarySource.AlreadyLoaded, "modules of this process", "no such module"));
        return null;
    }

    private static LoadedLibrary? FromFile(LibraryDescription library, LibrarySource source, string file, List<LibraryAttempt> attempts)
    {
        // Made absolute so that the loader opens this file, and does not look for its name elsewhere.
        string full = Path.GetFullPath(file);
        if (File.Exists(full))
            return Load(library, source, full, attempts);
        attempts.Add(new LibraryAttempt(source, full, "no such file"));
        return null;
    }

    private static LoadedLibrary? FromFolders(LibraryDescription library, LibrarySource source, IEnumerable<string> folders, List<LibraryAttempt> attempts)
    {
        bool any = false;
        foreach (string folder in folders)
        {
            any = true;
            foreach (string name in library.FileNames)
            {
                if (FromFile(library, source, Path.Combine(folder, name), attempts) is { } loaded)
                    return loaded;
            }
        }

        if (!any)
            attempts.Add(new LibraryAttempt(source, source == LibrarySource.Toolkit ? "CUDA_HOME, CUDA_PATH" : "package folders", "none is set"));
        return null;
    }

    private static LoadedLibrary? FromSystem(LibraryDescription library, List<LibraryAttempt> attempts)
    {
        foreach (string name in library.FileNames)
        {
            if (Load(library, LibrarySource.OperatingSystem, name, attempts) is { } loaded)
                return loaded;
        }

        return null;
    }

    private static LoadedLibrary? Load(LibraryDescription library, LibrarySource source, string file, List<LibraryAttempt> attempts)
    {
        // Load rather than TryLoad: only the exception carries the loader's own reason.
        try
        {
            nint handle = NativeLibrary.Load(file);
            attempts.Add(new LibraryAttempt(source, file, null));
            string path = Path.IsPathRooted(file) ? file : LoadedModule(library) ?? file;
            return new LoadedLibrary(handle, path, source);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            attempts.Add(new LibraryAttempt(source, file, Reason(e.Message)));
            return null;
        }
    }

    private static string? LoadedModule(LibraryDescription library)
    {
        using var process = Process.GetCurrentProcess();
        foreach (ProcessModule module in process.Modules)
        {
            using (module)
            {
                if (module.FileName is { } file && library.Matches(Path.GetFileName(file)))
                    return file;
            }
        }

        return null;
    }

    // The folders the host resolved from the application's packages, then the layout of a package's own runtimes folder.
    private static IEnumerable<string> PackageFolders()
    {
        string resolved = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        return resolved.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Append(Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native"))
            .Distinct();
    }

    private static IEnumerable<string> ToolkitFolders(Func<string, string?> variable)
    {
        string[] subfolders = OperatingSystem.IsWindows() ? ["bin/x64", "bin"] : ["lib64", "lib"];
        return new[] { variable("CUDA_HOME"), variable("CUDA_PATH") }
            .OfType<string>().Where(root => root.Length > 0).Distinct()
            .SelectMany(root => subfolders.Select(folder => Path.Combine(root, folder)));
    }

    // The loader's message, which may run over several lines, as one.
    private static string Reason(string message) =>
        string.Join(' ', message.Split((char[])['\r', '\n', '\t', ' '], StringSplitOptions.RemoveEmptyEntries));
}
