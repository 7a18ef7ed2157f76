using System.Globalization;
using System.Text;
using Ogong.Diffusion;

namespace Ogong.Detection;

/// <summary>Tables as text, and how their cells are written.</summary>
internal sealed class Markdown
{
    private readonly StringBuilder _text = new();

    public void Heading(FormattableString line) => Line($"\n{line.ToString(CultureInfo.InvariantCulture)}\n");

    public void Table(string[] columns, IEnumerable<IEnumerable<string>> rows)
    {
        Line($"| {string.Join(" | ", columns)} |\n|{string.Concat(columns.Select(static _ => "---|"))}");
        foreach (IEnumerable<string> row in rows) Line($"| {string.Join(" | ", row)} |");
    }

    public override string ToString() => _text.ToString().Trim('\n') + "\n";

    /// <summary>Honest providers are in italics.</summary>
    public static string Title(Variant v) => v.Kind == VariantKind.Honest ? $"*{v.Name}*" : v.Name;

    /// <summary>A share in percent, and its interval.</summary>
    public static string Interval(DetectionMeasurement m) => m.Detected switch
    {
        0 => $"0 (< {Percent(m.High)})",
        var all when all == m.Trials => $"100 (> {Percent(m.Low)})",
        _ => $"{Percent(m.Rate)} ({Percent(m.Low)} – {Percent(m.High)})",
    };

    /// <summary>A share in percent alone: never 0 or 100 unless it is.</summary>
    public static string Short(DetectionMeasurement m) => m.Detected == 0 ? "0" : m.Detected == m.Trials ? "100" : Percent(m.Rate);

    public static string Percent(double rate) => (100 * rate).ToString(rate is > 0.001 and < 0.999 ? "0.#" : "0.###", CultureInfo.InvariantCulture);

    public static string Number(double value) => value == 0 ? "0" : value.ToString(Math.Abs(value) < 0.001 ? "0.#E0" : "G3", CultureInfo.InvariantCulture);

    private void Line(FormattableString line) => _text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
