namespace Ogong.Native;

/// <summary>
/// A native library as the locator looks for it: the names its versions go by, and the variable that points at one file. Immutable.
/// </summary>
public sealed class LibraryDescription
{
    /// <summary>The CUDA driver, installed with the display driver. A toolkit holds only a stub of it, which is never loaded.</summary>
    public static LibraryDescription CudaDriver { get; } = new("CUDA driver", "OGONG_CUDA_DRIVER_PATH", ["libcuda.so.1"], ["nvcuda.dll"]);

    /// <summary>NVRTC, the run-time compiler of CUDA C++, of toolkit 13, 12 or 11.2 and later.</summary>
    public static LibraryDescription Nvrtc { get; } = new(
        "NVRTC",
        "OGONG_NVRTC_PATH",
        ["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2"],
        ["nvrtc64_130_0.dll", "nvrtc64_120_0.dll", "nvrtc64_112_0.dll"]) { IsInToolkit = true };

    /// <summary>cuBLASLt, matrix multiplication, of toolkit 13, 12 or 11.</summary>
    public static LibraryDescription CublasLt { get; } = new(
        "cuBLASLt",
        "OGONG_CUBLASLT_PATH",
        ["libcublasLt.so.13", "libcublasLt.so.12", "libcublasLt.so.11"],
        ["cublasLt64_13.dll", "cublasLt64_12.dll", "cublasLt64_11.dll"]) { IsInToolkit = true };

    /// <summary>The OpenCL loader, which finds the installed OpenCL drivers.</summary>
    public static LibraryDescription OpenCl { get; } = new("OpenCL", "OGONG_OPENCL_PATH", ["libOpenCL.so.1"], ["OpenCL.dll"]) { IsInToolkit = true };

    /// <summary>Every library above, in that order.</summary>
    public static IReadOnlyList<LibraryDescription> All { get; } = [CudaDriver, Nvrtc, CublasLt, OpenCl];

    /// <summary>Describes a library.</summary>
    /// <param name="name">What people call it.</param>
    /// <param name="environmentVariable">The variable whose value, when set, is the path of the one file to load.</param>
    /// <param name="unixFileNames">File names for <c>dlopen</c>, most wanted first.</param>
    /// <param name="windowsFileNames">File names for <c>LoadLibrary</c>, most wanted first.</param>
    /// <exception cref="ArgumentException">A name is empty.</exception>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public LibraryDescription(
        string name,
        string environmentVariable,
        IReadOnlyList<string> unixFileNames,
        IReadOnlyList<string> windowsFileNames)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentException.ThrowIfNullOrWhiteSpace(environmentVariable);
        ArgumentNullException.ThrowIfNull(unixFileNames);
        ArgumentNullException.ThrowIfNull(windowsFileNames);
        Name = name;
        EnvironmentVariable = environmentVariable;
        FileNames = [.. OperatingSystem.IsWindows() ? windowsFileNames : unixFileNames];
        foreach (string fileName in FileNames)
            ArgumentException.ThrowIfNullOrWhiteSpace(fileName, OperatingSystem.IsWindows() ? nameof(windowsFileNames) : nameof(unixFileNames));
    }

    /// <summary>What people call the library.</summary>
    public string Name { get; }

    /// <summary>The environment variable whose value, when set, is the path of the one file to load.</summary>
    public string EnvironmentVariable { get; }

    /// <summary>The file names on this operating system, most wanted first.</summary>
    public IReadOnlyList<string> FileNames { get; }

    /// <summary>Whether the CUDA toolkit that <c>CUDA_HOME</c> or <c>CUDA_PATH</c> names is searched, last.</summary>
    public bool IsInToolkit { get; init; }

    /// <summary>
    /// Whether a loaded module is some version of this library. On Unix a module is listed by the file a link leads to
    /// (libcuda.so.1 is seen as libcuda.so.580.65.06), so what follows ".so" is not compared.
    /// </summary>
    internal bool Matches(string moduleFileName)
    {
        foreach (string fileName in FileNames)
        {
            int suffix = fileName.IndexOf(".so", StringComparison.Ordinal);
            if (suffix < 0 ? moduleFileName.Equals(fileName, StringComparison.OrdinalIgnoreCase)
                           : moduleFileName.AsSpan().StartsWith(fileName.AsSpan(0, suffix + 3), StringComparison.Ordinal)
                             && (moduleFileName.Length == suffix + 3 || moduleFileName[suffix + 3] == '.'))
                return true;
        }

        return false;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
