using System.Globalization;
using System.Text;

namespace Ogong.Cli.Plots;

/// <summary>A series of a plot: points by ascending x.</summary>
internal sealed record Series(string Name, IReadOnlyList<(double X, double Y)> Points);

/// <summary>
/// Line plots as SVG text, the same bytes for the same data: axes from 0, or logarithmic in x between powers of two; lines told apart by colour and dash. Colours work on light and dark pages.
/// </summary>
internal sealed class LinePlot(string title, string xLabel, string yLabel)
{
    private const int Width = 640, Height = 400, Left = 70, Right = 20, Top = 40, Bottom = 55, Stroke = 2;

    private static readonly string[] Colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];
    private static readonly string[] Dashes = ["", "7 3", "2 3", "9 3 2 3", "4 2", "1 2"];

    private readonly List<Series> series = [];

    /// <summary>Largest y shown; the largest of the data if not set.</summary>
    public double? MaxY { get; init; }

    /// <summary>Whether x is drawn by its logarithm.</summary>
    public bool IsLogX { get; init; }

    /// <summary>Index of a series whose upper side is shaded, if any.</summary>
    public int? ShadedAbove { get; init; }

    /// <summary>Adds a line.</summary>
    public LinePlot Add(string name, IEnumerable<(double X, double Y)> points)
    {
        series.Add(new Series(name, [.. points]));
        return this;
    }

    /// <summary>The SVG document.</summary>
    public string ToSvg()
    {
        double minX = series.Min(s => s.Points.Min(p => p.X)), maxX = series.Max(s => s.Points.Max(p => p.X)), maxY = MaxY ?? series.Max(s => s.Points.Max(p => p.Y));
        if (IsLogX) (minX, maxX) = (Math.Pow(2, Math.Floor(Math.Log2(minX))), Math.Pow(2, Math.Ceiling(Math.Log2(maxX))));
        if (!(maxX > minX)) maxX = IsLogX ? 2 * minX : minX + 1;
        if (!(maxY > 0)) maxY = 1;
        var svg = new StringBuilder();
        Line(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#777\" role=\"img\">");
        Line(svg, $"<title>{Escape(title)}</title>");
        Line(svg, $"<text x=\"{Left}\" y=\"22\" font-size=\"15\">{Escape(title)}</text>");
        Line(svg, $"<clipPath id=\"frame\"><rect x=\"{Left}\" y=\"{Top - Stroke}\" width=\"{Width - Left - Right}\" height=\"{Height - Top - Bottom + 2 * Stroke}\"/></clipPath>");
        if (ShadedAbove is { } shaded) Shade(svg, series[shaded]);
        Grid(svg);
        for (int i = 0; i < series.Count; i++) Draw(svg, i);
        Line(svg, $"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 12}\" text-anchor=\"middle\">{Escape(xLabel)}</text>");
        Line(svg, $"<text transform=\"translate(16 {(Top + Height - Bottom) / 2}) rotate(-90)\" text-anchor=\"middle\">{Escape(yLabel)}</text>");
        Line(svg, $"</svg>");
        return svg.ToString();

        double X(double x) => Left + (Width - Left - Right) * (IsLogX ? Math.Log(x / minX) / Math.Log(maxX / minX) : (x - minX) / (maxX - minX));

        double Y(double y) => Height - Bottom - (Height - Top - Bottom) * y / maxY;

        string Path(Series s) => string.Join(' ', s.Points.Select((p, i) => string.Create(CultureInfo.InvariantCulture, $"{(i == 0 ? 'M' : 'L')}{X(p.X):F1} {Y(p.Y):F1}")));

        void Shade(StringBuilder text, Series s) =>
            Line(text, $"<path d=\"{Path(s)} L{X(s.Points[^1].X):F1} {Top} L{X(s.Points[0].X):F1} {Top} Z\" fill=\"{Colours[2]}\" fill-opacity=\"0.15\" clip-path=\"url(#frame)\"/>");

        void Grid(StringBuilder text)
        {
            int doublings = (int)Math.Round(Math.Log2(maxX / minX)), ticks = IsLogX ? Math.Min(doublings, 10) : 5;
            for (int i = 0; i <= ticks; i++)
            {
                double x = IsLogX ? minX * Math.Pow(2, i * doublings / ticks) : minX + (maxX - minX) * i / ticks;
                Line(text, $"<path d=\"M{X(x):F1} {Top} V{Height - Bottom}\" stroke=\"#888\" stroke-opacity=\"0.25\"/>");
                Line(text, $"<text x=\"{X(x):F1}\" y=\"{Height - Bottom + 18}\" text-anchor=\"middle\">{Number(x)}</text>");
            }
            for (int i = 0; i <= 5; i++)
            {
                double y = maxY * i / 5;
                Line(text, $"<path d=\"M{Left} {Y(y):F1} H{Width - Right}\" stroke=\"#888\" stroke-opacity=\"0.25\"/>");
                Line(text, $"<text x=\"{Left - 8}\" y=\"{Y(y) + 4:F1}\" text-anchor=\"end\">{Number(y)}</text>");
            }
        }

        void Draw(StringBuilder text, int i)
        {
            string colour = Colours[i % Colours.Length], dash = Dashes[i % Dashes.Length];
            Line(text, $"<path d=\"{Path(series[i])}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{Stroke}\" stroke-dasharray=\"{dash}\" clip-path=\"url(#frame)\"/>");
            int y = Top + 16 + 18 * i;
            Line(text, $"<path d=\"M{Width - 230} {y - 4} h24\" stroke=\"{colour}\" stroke-width=\"{Stroke}\" stroke-dasharray=\"{dash}\"/><text x=\"{Width - 200}\" y=\"{y}\">{Escape(series[i].Name)}</text>");
        }
    }

    private static string Number(double value) => value.ToString(value != 0 && (Math.Abs(value) < 0.01 || Math.Abs(value) >= 100_000) ? "0.#E0" : "0.###", CultureInfo.InvariantCulture);

    private static string Escape(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);

    private static void Line(StringBuilder svg, FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
