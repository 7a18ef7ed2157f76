using Ogong.Kernels.Device;
using Ogong.Native.Cuda;
using Ogong.Native.Nvrtc;

namespace Ogong.Kernels.Cuda;

/// <summary>
/// The kernels of one device. A file is compiled for the device at its first use, once per set of definitions, or taken from the cache; its binary stays loaded until the library is disposed.
/// Thread-safe.
/// </summary>
internal sealed class KernelLibrary(CudaContext context, NvrtcCompiler compiler, string architecture, BinaryCache cache, Action<string>? progress) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly KernelSources _sources = KernelSources.Cuda();
    private readonly Dictionary<string, CudaModule> _modules = [];
    private readonly Dictionary<string, CudaKernel> _kernels = [];

    private readonly string[] _options = OptionsFor(architecture);

    // A toolkit's patch releases share a version, but generate different code.
    private readonly string _compiler =
        $"NVRTC {compiler.Version}, {(new FileInfo(compiler.LibraryPath) is { Exists: true } file ? file.Length : 0)} bytes";

    /// <summary>SHA-256 over every source, the options, the compiler and the architecture.</summary>
    public string Hash => field ??= _sources.HashAll(_options, _compiler);

    /// <summary>Where binaries are kept.</summary>
    public BinaryCache Cache => cache;

    /// <summary>Files compiled so far, once per set of definitions; those found in the cache do not count.</summary>
    public int Compiled { get; private set; }

    /// <summary>A kernel, compiled or loaded if need be.</summary>
    /// <param name="file">File in native/cuda.</param>
    /// <param name="entry">Name of the <c>__global__</c> function.</param>
    /// <param name="definitions">Macros the file is specialised with.</param>
    /// <exception cref="NvrtcException">The file does not compile; the exception has the log.</exception>
    /// <exception cref="CudaException">The driver refuses the binary.</exception>
    public CudaKernel Get(string file, string entry, ReadOnlySpan<(string Name, int Value)> definitions)
    {
        string[] macros = new string[definitions.Length];
        for (int i = 0; i < macros.Length; i++) macros[i] = $"-D{definitions[i].Name}={definitions[i].Value}";
        string variant = string.Join(' ', [file, .. macros]), key = $"{variant} {entry}";
        lock (_gate)
        {
            if (_kernels.TryGetValue(key, out CudaKernel? kernel)) return kernel;
            if (!_modules.TryGetValue(variant, out CudaModule? module)) _modules.Add(variant, module = Load(file, variant, macros));
            _kernels.Add(key, kernel = new CudaKernel(key, module.GetFunction(entry)));
            return kernel;
        }
    }

    /// <summary>The compiler's options for every kernel.</summary>
    // --fmad=false: a multiply and an add round twice, as written. Divide, sqrt and subnormals follow IEEE 754 by default; no option here may change that.
    public static string[] OptionsFor(string architecture) => ["--std=c++17", "--fmad=false", $"--gpu-architecture={architecture}"];

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (CudaModule module in _modules.Values) module.Dispose();
            _modules.Clear();
            _kernels.Clear();
        }
    }

    private CudaModule Load(string file, string variant, string[] macros)
    {
        string[] options = [.. _options, .. macros];
        string key = _sources.KeyOf(file, options, _compiler);
        if (cache.Find(key) is { } kept) return context.LoadModule(kept);
        progress?.Invoke($"compiling {variant} for {architecture}, first use");
        NvrtcResult result = compiler.Compile(_sources.Text(file), file, _sources.Headers, options);
        Compiled++;
        cache.Store(key, result.Image.Span);
        return context.LoadModule(result.Image.Span);
    }
}
