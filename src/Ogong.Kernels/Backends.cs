using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Ogong.Compute;
using Ogong.Kernels.Cpu;
using Ogong.Kernels.Cuda;
using Ogong.Kernels.OpenCl;
using Ogong.Kernels.Reference;

namespace Ogong.Kernels;

/// <summary>Whether a backend can run here.</summary>
/// <param name="Name">The name it is chosen by.</param>
/// <param name="Device">What it would run on, or null if it cannot.</param>
/// <param name="Reason">Why it cannot, or null if it can.</param>
public sealed record BackendProbe(string Name, DeviceDescription? Device, string? Reason)
{
    /// <summary>Whether it can run here.</summary>
    [MemberNotNullWhen(true, nameof(Device))]
    [MemberNotNullWhen(false, nameof(Reason))]
    public bool IsUsable => Device is not null;
}

/// <summary>The backends by name. Nothing falls back silently: a name that cannot be served is refused with the reason. Thread-safe.</summary>
public static class Backends
{
    /// <summary>Every name this version knows of, usable or not, best first.</summary>
    public static IReadOnlyList<string> Names { get; } = ["cuda", "opencl", "cpu", "reference"];

    /// <summary>Creates the backend called <paramref name="name"/>.</summary>
    /// <param name="name">One of <see cref="Names"/>; <c>cuda:1</c> and <c>opencl:1</c> are the second devices of their kind, <c>opencl:radeon</c> the OpenCL device with that in its name.</param>
    /// <param name="backend">The backend; the caller disposes it.</param>
    /// <param name="reason">Why there is none.</param>
    /// <param name="threads">Threads of a host backend, 0 for one per processor; the reference always has one.</param>
    /// <param name="progress">Told what takes long, such as kernels compiled at their first use; on any thread.</param>
    public static bool TryCreate(
        string name, [NotNullWhen(true)] out IBackend? backend, [NotNullWhen(false)] out string? reason, int threads = 0, Action<string>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        if (DeviceOf("cuda", name) is { } cudaDevice && Index(cudaDevice) is { } cudaIndex)
        {
            bool created = CudaBackend.TryCreate(new CudaOptions { Device = cudaIndex, Progress = progress }, out CudaBackend? cuda, out reason);
            backend = cuda;
            return created;
        }
        if (DeviceOf("opencl", name) is { } openClDevice)
        {
            int? index = Index(openClDevice);
            var options = new OpenClOptions { Device = index ?? 0, DeviceName = index is null ? openClDevice : null, Progress = progress };
            bool created = OpenClBackend.TryCreate(options, out OpenClBackend? opencl, out reason);
            backend = opencl;
            return created;
        }
        backend = name switch
        {
            "cpu" => new CpuBackend(new CpuOptions { Threads = threads }),
            "reference" => new ReferenceBackend(),
            _ => null,
        };
        reason = backend is not null ? null : $"There is no backend '{name}'; there are {string.Join(", ", Names)}.";
        return backend is not null;
    }

    /// <summary>Tries every backend and says of each what it would run on or why it cannot. Never throws for a missing device.</summary>
    public static IReadOnlyList<BackendProbe> Probe() => [.. Names.Select(name =>
    {
        if (!TryCreate(name, out IBackend? backend, out string? reason)) return new BackendProbe(name, null, reason);
        using (backend) return new BackendProbe(name, backend.Device, null);
    })];

    /// <summary>What follows the colon in <c>api:device</c>, 0 for <c>api</c> alone; null for any other name.</summary>
    private static string? DeviceOf(string api, string name) =>
        name == api ? "0" : name.StartsWith($"{api}:", StringComparison.Ordinal) ? name[(api.Length + 1)..] : null;

    private static int? Index(string device) => int.TryParse(device, NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? index : null;
}
