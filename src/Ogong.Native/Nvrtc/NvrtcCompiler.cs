using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Ogong.Native.Cuda;

namespace Ogong.Native.Nvrtc;

/// <summary>
/// NVRTC, the compiler of CUDA C++ as a library. It needs no device. It is loaded by the first call here and stays loaded. Compilations may run
/// in parallel.
/// </summary>
public sealed unsafe class NvrtcCompiler
{
    // Never unloaded: compilers keep state of threads and of the process.
    private static readonly ConcurrentBag<NvrtcCompiler> Loaded = [];

    private readonly NvrtcApi _api;

    private NvrtcCompiler(NvrtcApi api)
    {
        _api = api;
        LoadBuiltins(LibraryPath);
        int major = 0, minor = 0, count = 0;
        Check(api.nvrtcVersion(&major, &minor));
        Version = new Version(major, minor);
        Check(api.nvrtcGetNumSupportedArchs(&count));
        int[] numbers = new int[count];
        fixed (int* first = numbers)
            Check(api.nvrtcGetSupportedArchs(first));
        Supported = [.. numbers.Select(n => new ComputeCapability(n / 10, n % 10)).Order()];
    }

    /// <summary>The file that was loaded.</summary>
    public string LibraryPath => _api.Library.Path;

    /// <summary>The toolkit's version.</summary>
    public Version Version { get; }

    /// <summary>The generations of devices it compiles for, oldest first.</summary>
    public IReadOnlyList<ComputeCapability> Supported { get; }

    /// <summary>Loads NVRTC.</summary>
    /// <param name="compiler">The compiler.</param>
    /// <param name="reason">Why there is none, in words for people.</param>
    /// <param name="path">The file to load, or null to search; see <see cref="LibraryDescription.Nvrtc"/>.</param>
    /// <returns>Whether it was found. A missing or broken library never throws.</returns>
    public static bool TryLoad([NotNullWhen(true)] out NvrtcCompiler? compiler, [NotNullWhen(false)] out string? reason, string? path = null)
    {
        compiler = null;
        var search = LibraryLocator.Find(LibraryDescription.Nvrtc, path);
        if (!search.IsFound)
        {
            reason = search.ToString();
            return false;
        }

        try
        {
            Loaded.Add(compiler = new NvrtcCompiler(new NvrtcApi(search.Loaded)));
            reason = null;
            return true;
        }
        catch (EntryPointNotFoundException e)
        {
            reason = $"{search.Loaded.Path} has {e.Message}: NVRTC of CUDA 11.2 or later is needed";
            search.Dispose();
        }
        catch (NvrtcException e)
        {
            reason = $"{search.Loaded.Path}: {e.Message}";
        }

        return false;
    }

    /// <summary>Loads NVRTC.</summary>
    /// <param name="path">The file to load, or null to search.</param>
    /// <exception cref="NotSupportedException">There is no usable NVRTC; the message says why.</exception>
    public static NvrtcCompiler Load(string? path = null) =>
        TryLoad(out var compiler, out string? reason, path) ? compiler : throw new NotSupportedException($"No CUDA compiler: {reason}");

    /// <summary>
    /// The architecture to compile for a device: its own (sm_90), which gives a cubin; or, if this compiler is older than the device, the
    /// newest it knows (compute_89), which gives PTX that the driver compiles on.
    /// </summary>
    /// <exception cref="NotSupportedException">The device is older than anything this compiler supports.</exception>
    public string ArchitectureFor(ComputeCapability device)
    {
        if (Supported.Contains(device))
            return $"sm_{device.Number}";
        var older = Supported.LastOrDefault(s => s < device);
        return older != default
            ? $"compute_{older.Number}"
            : throw new NotSupportedException($"NVRTC {Version} compiles for {Supported[0]} and later, not for {device}.");
    }

    /// <summary>Compiles a program. Options must have <c>--gpu-architecture=</c>: sm_XX gives a cubin, compute_XX gives PTX.</summary>
    /// <param name="source">CUDA C++.</param>
    /// <param name="name">Its file name in messages.</param>
    /// <param name="headers">What <c>#include</c> finds: text by file name.</param>
    /// <param name="options">The compiler's options.</param>
    /// <exception cref="ArgumentException">No architecture is given.</exception>
    /// <exception cref="NvrtcException">The program has errors; the log names them.</exception>
    public NvrtcResult Compile(string source, string name, IReadOnlyCollection<KeyValuePair<string, string>> headers, IReadOnlyList<string> options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(source);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(headers);
        ArgumentNullException.ThrowIfNull(options);
        bool isCubin = options.Any(static o => o.StartsWith("--gpu-architecture=sm_", StringComparison.Ordinal));
        if (!isCubin && !options.Any(static o => o.StartsWith("--gpu-architecture=compute_", StringComparison.Ordinal)))
            throw new ArgumentException("--gpu-architecture= is missing.", nameof(options));
        using var program = NvrtcProgram.Create(this, _api, source, name, headers);
        string log = program.Compile(options);
        return new NvrtcResult(isCubin ? program.GetCubin() : program.GetPtx(), !isCubin, log);
    }

    internal void Check(nvrtcResult result, [CallerArgumentExpression(nameof(result))] string call = "")
    {
        if (result != nvrtcResult.NVRTC_SUCCESS)
            throw Failure(result, call, "");
    }

    // "_api.nvrtcVersion(&major, &minor)" -> "nvrtcVersion"
    internal NvrtcException Failure(nvrtcResult result, string call, string log) => new(
        call.Split('(')[0].Split('.')[^1], (int)result, Marshal.PtrToStringUTF8((nint)_api.nvrtcGetErrorString(result)) ?? "unknown error", log);

    // NVRTC loads its companion by name alone, which finds nothing unless the folder is on the loader's path. A file loaded before under that
    // name is found, so the one beside it is loaded here; if there is none, NVRTC looks for itself and its log says what is missing.
    private static void LoadBuiltins(string path)
    {
        if (Path.GetDirectoryName(path) is not { Length: > 0 } folder)
            return;
        string pattern = OperatingSystem.IsWindows() ? "nvrtc-builtins64_*.dll" : "libnvrtc-builtins.so.*";
        foreach (string builtins in Directory.EnumerateFiles(folder, pattern))
            NativeLibrary.TryLoad(builtins, out _);
    }
}

/// <summary>A compiled program.</summary>
/// <param name="Image">What <see cref="CudaContext.LoadModule"/> takes.</param>
/// <param name="IsPtx">Whether it is PTX, which the driver compiles on, not a cubin.</param>
/// <param name="Log">The compiler's warnings and, if options ask for them, remarks; empty if there are none.</param>
public sealed record NvrtcResult(ReadOnlyMemory<byte> Image, bool IsPtx, string Log);
