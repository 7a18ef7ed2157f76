using System.Globalization;
using System.Text.Json;
using Ogong.Kernels.OpenCl;
using Ogong.Native.OpenCl;

namespace Ogong.Cli.Local;

/// <summary>Every OpenCL device, usable or not, for <c>doctor</c>.</summary>
internal static class OpenClDevices
{
    public static IReadOnlyList<OpenClDevice> List() => OpenClLibrary.TryLoad(out OpenClLibrary? library, out _) ? library.Devices : [];

    /// <summary>The name to choose a device by, and what it is, with whether profile exact-1 is possible on it.</summary>
    public static (string Name, string Text) Describe(OpenClDevice device) =>
    (
        string.Create(CultureInfo.InvariantCulture, $"opencl:{device.Index}"),
        string.Create(
            CultureInfo.InvariantCulture,
            $"{device}, {device.GlobalMemory / (double)(1 << 30):F1} GiB, {device.ComputeUnits} units; binary32: {device.FloatConfig}; exact mode {Exactness(device)}"));

    public static void Write(Utf8JsonWriter json, IEnumerable<OpenClDevice> devices)
    {
        json.WriteStartArray("opencl_devices");
        foreach (OpenClDevice device in devices)
        {
            json.WriteStartObject();
            json.WriteNumber("index", device.Index);
            json.WriteString("name", device.Name);
            json.WriteString("platform", device.Platform);
            json.WriteString("version", device.Version);
            json.WriteString("driver", device.DriverVersion);
            json.WriteString("binary32", device.FloatConfig.ToString());
            json.WriteNumber("memory_bytes", device.GlobalMemory);
            if (OpenClBackend.RefusalOf(device) is { } refusal) json.WriteString("refused", refusal);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static string Exactness(OpenClDevice device) => OpenClBackend.RefusalOf(device) is { } refusal ? $"impossible: it {refusal}" : "possible";
}
