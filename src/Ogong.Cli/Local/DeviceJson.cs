using System.Text.Json;
using Ogong.Compute;

namespace Ogong.Cli.Local;

/// <summary>What ran, in every result of every command: nothing falls back silently.</summary>
internal static class DeviceJson
{
    public static void Write(Utf8JsonWriter json, DeviceDescription device, NumericMode mode)
    {
        json.WriteString("device", device.Name);
        json.WriteString("device_detail", device.Detail);
        json.WriteString("kernel_hash", device.KernelHash);
        json.WriteString("mode", mode == NumericMode.Exact ? "exact" : "fast");
    }
}
