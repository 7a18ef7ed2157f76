using System.Globalization;
using Ogong.Compute;
using Spectre.Console;

namespace Ogong.Cli.Bench;

/// <summary>One line of a benchmark's result.</summary>
/// <param name="Key">Name in JSON.</param>
/// <param name="Name">Name for people.</param>
/// <param name="Value">The figure.</param>
/// <param name="Format">How people read it.</param>
/// <param name="Target">The bar, for people; empty where there is none.</param>
internal sealed record BenchFigure(string Key, string Name, double Value, string Format, string Target = "")
{
    /// <summary>Writes the device, the model and the figures, for people or as JSON.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="device">What ran.</param>
    /// <param name="parameters">Elements of the model's tensors.</param>
    /// <param name="figures">The figures.</param>
    /// <param name="modes">What people read of the numeric modes.</param>
    public static void Report(Output output, DeviceDescription device, long parameters, IReadOnlyList<BenchFigure> figures, string modes = "exact mode")
    {
        output.Json(json =>
        {
            json.WriteString("device", device.Name);
            json.WriteString("device_detail", device.Detail);
            json.WriteString("kernel_hash", device.KernelHash);
            json.WriteNumber("parameters", parameters);
            foreach (BenchFigure figure in figures) json.WriteNumber(figure.Key, figure.Value);
        });
        output.Line($"{device.Name} ({device.Detail}); model of {parameters / 1e6:F0} M parameters, bf16 unless a figure names another type, {modes}");
        var table = new Table().AddColumns("figure", "value", "target");
        foreach (BenchFigure f in figures) table.AddRow(new Text(f.Name), new Text(f.Value.ToString(f.Format, CultureInfo.InvariantCulture)), new Text(f.Target));
        output.People.Write(table);
    }
}
