using Ogong.Kernels.Device;
using Ogong.Native.OpenCl;

namespace Ogong.Kernels.OpenCl;

/// <summary>The programs of a device: compiled from native/opencl at their first use, or taken from the cache. Thread-safe.</summary>
internal sealed class ProgramLibrary(OpenClContext context, DeviceShape shape, BinaryCache cache, Action<string>? progress) : IDisposable
{
    private const string Options = "-cl-std=CL1.2 -cl-fp32-correctly-rounded-divide-sqrt";
    private readonly Lock _gate = new();
    private readonly KernelSources _sources = KernelSources.OpenCl();
    private readonly Dictionary<string, OpenClProgram> _programs = [];

    /// <summary>What the compiler is: a binary is good for this device and driver alone.</summary>
    private readonly string _compiler = $"{context.Device.Platform}|{context.Device.Name}|{context.Device.Version}|{context.Device.DriverVersion}";

    /// <summary>Identifies the kernels: a hash of sources, options, device and driver.</summary>
    public string Hash => _sources.HashAll([Options, $"{shape.Lanes}"], _compiler);

    public BinaryCache Cache { get; } = cache;

    /// <summary>Programs compiled, not found, since the backend was created.</summary>
    public int Compiled { get; private set; }

    /// <summary>A new kernel object, which belongs to the caller.</summary>
    /// <param name="file">File of native/opencl.</param>
    /// <param name="entry">Kernel in it.</param>
    /// <param name="group">Work-items of a group.</param>
    /// <param name="definitions">Macros, <c>NAME=value</c>.</param>
    /// <exception cref="OpenClBuildException">It does not compile; carries the compiler's log.</exception>
    public OpenClKernel CreateKernel(string file, string entry, int group, ReadOnlySpan<string> definitions)
    {
        string macros = string.Concat([$" -DLANES={shape.Lanes} -DGROUP={group}", .. definitions.ToArray().Select(d => $" -D{d}")]);
        string variant = file + macros;
        lock (_gate)
        {
            if (!_programs.TryGetValue(variant, out OpenClProgram? program)) _programs.Add(variant, program = Load(file, variant, Options + macros));
            return program.CreateKernel(entry);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (OpenClProgram program in _programs.Values) program.Dispose();
            _programs.Clear();
        }
    }

    private OpenClProgram Load(string file, string variant, string options)
    {
        string key = _sources.KeyOf(file, [options], _compiler);
        if (Cache.Find(key) is { } kept)
        {
            try
            {
                return context.Load(kept, options);
            }
            catch (Exception exception) when (exception is OpenClException or OpenClBuildException)
            {
                // A driver may refuse what it made, after an update that kept its version; the source still compiles.
                progress?.Invoke($"the kept binary of {variant} is refused ({exception.Message}); compiling it again");
            }
        }
        progress?.Invoke($"compiling {variant} for {context.Device.Name}, first use");
        OpenClProgram program = context.Compile(_sources.Inline(file), options);
        Compiled++;
        Cache.Store(key, program.GetBinary());
        return program;
    }
}
