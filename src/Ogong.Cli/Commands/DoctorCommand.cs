using System.CommandLine;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using Ogong.Cli.Local;
using Ogong.Kernels;
using Ogong.Kernels.Device;
using Ogong.Models;
using Ogong.Native;

namespace Ogong.Cli.Commands;

/// <summary><c>doctor</c>: what this machine can run, why the rest cannot, and where things are kept.</summary>
internal static class DoctorCommand
{
    public static Command Create() => new Command("doctor", "Show devices and why each is or is not usable, versions and paths.").Handle(static (context, _) =>
    {
        IReadOnlyList<BackendProbe> devices = Backends.Probe();
        List<LibrarySearch> libraries = [.. LibraryDescription.All.Select(static library => LibraryLocator.Find(library))];
        try
        {
            context.Output.Json(json => WriteJson(json, devices, libraries));
            WritePeople(context.Output, devices, libraries);
        }
        finally
        {
            foreach (LibrarySearch library in libraries) library.Dispose();
        }
        return ExitCode.Ok;
    });

    private static IEnumerable<(string Key, string Name, string Value)> Versions() =>
    [
        ("ogong", "ogong", typeof(DoctorCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown"),
        ("runtime", "runtime", RuntimeInformation.FrameworkDescription),
        ("operating_system", "operating system", $"{RuntimeInformation.OSDescription} ({RuntimeInformation.RuntimeIdentifier})"),
        ("processors", "processors", Environment.ProcessorCount.ToString(System.Globalization.CultureInfo.InvariantCulture)),
    ];

    private static void WritePeople(Output output, IReadOnlyList<BackendProbe> devices, List<LibrarySearch> libraries)
    {
        output.Facts("versions", Versions().Select(static v => (v.Name, v.Value)));
        // Of a reason, what comes before its list of attempts: the libraries below say what was tried.
        output.Facts("devices", devices.Select(static d => (d.Name, d.IsUsable ? $"{d.Device.Detail}; kernels {d.Device.KernelHash[..16]}" : $"not usable: {d.Reason.Split("; tried:")[0]}")));
        if (OpenClDevices.List() is { Count: > 0 } openCl) output.Facts("OpenCL devices", openCl.Select(OpenClDevices.Describe));
        output.Facts("native libraries", libraries.Select(static l => (l.Library.Name, Describe(l))));
        var kernels = new BinaryCache();
        output.Facts("paths",
        [
            ("program", AppContext.BaseDirectory),
            ("cache", $"{CacheFolder.Locate() ?? "off"} ({CacheFolder.Variable})"),
            ("kernels", string.Create(CultureInfo.InvariantCulture, $"{kernels.Folder ?? "off"} ({BinaryCache.Variable}), {kernels.Size / 1e6:F1} MB")),
        ]);
    }

    /// <summary>Where a library is, or what was tried; <c>--json</c> has every attempt.</summary>
    private static string Describe(LibrarySearch search)
    {
        if (search.IsFound) return $"{search.Loaded.Path} ({search.Loaded.Source})";
        LibraryAttempt last = search.Attempts[^1];
        return last.Source is LibrarySource.EnvironmentVariable or LibrarySource.Option
            ? $"not usable: {last.Location}: {last.Failure}"
            : $"not found: tried {string.Join(", ", search.Library.FileNames)} in "
                + $"{string.Join(", ", search.Attempts.Select(static a => a.Source).Distinct())}; {search.Library.EnvironmentVariable} may name a file";
    }

    private static void WriteJson(Utf8JsonWriter json, IReadOnlyList<BackendProbe> devices, List<LibrarySearch> libraries)
    {
        json.WriteStartObject("versions");
        foreach ((string key, _, string value) in Versions()) json.WriteString(key, value);
        json.WriteEndObject();
        json.WriteStartArray("devices");
        foreach (BackendProbe device in devices)
        {
            json.WriteStartObject();
            json.WriteString("name", device.Name);
            json.WriteBoolean("usable", device.IsUsable);
            if (device.IsUsable)
            {
                json.WriteString("detail", device.Device.Detail);
                json.WriteString("kernel_hash", device.Device.KernelHash);
            }
            else
            {
                json.WriteString("reason", device.Reason);
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
        OpenClDevices.Write(json, OpenClDevices.List());
        json.WriteStartArray("libraries");
        foreach (LibrarySearch library in libraries)
        {
            json.WriteStartObject();
            json.WriteString("name", library.Library.Name);
            json.WriteString("variable", library.Library.EnvironmentVariable);
            json.WriteBoolean("found", library.IsFound);
            if (library.IsFound) json.WriteString("path", library.Loaded.Path);
            json.WriteStartArray("attempts");
            foreach (LibraryAttempt attempt in library.Attempts)
            {
                json.WriteStartObject();
                json.WriteString("source", attempt.Source.ToString());
                json.WriteString("location", attempt.Location);
                if (attempt.Failure is not null) json.WriteString("failure", attempt.Failure);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartObject("paths");
        json.WriteString("program", AppContext.BaseDirectory);
        if (CacheFolder.Locate() is { } cache) json.WriteString("cache", cache);
        else json.WriteNull("cache");
        var kernels = new BinaryCache();
        if (kernels.Folder is { } folder) json.WriteString("kernels", folder);
        else json.WriteNull("kernels");
        json.WriteNumber("kernels_bytes", kernels.Size);
        json.WriteEndObject();
    }
}
