using System.Globalization;
using System.Text;
using System.Text.Json;
using Spectre.Console;

namespace Ogong.Cli;

/// <summary>
/// Where a command's results go. With <c>--json</c> standard output is exactly one JSON object, written by <see cref="Json"/>, and what is
/// meant for <see cref="People"/> is dropped; without it, <see cref="Json"/> is dropped. Errors and notes go to standard error either way.
/// </summary>
/// <remarks>
/// A model's reply may be anything, and so may the names in a model's files. In lines, parts and notes what would steer a terminal, or turn the direction of reading, is shown as its code;
/// JSON has the text as it is.
/// </remarks>
internal sealed class Output
{
    private readonly TextWriter _out;
    private readonly TextWriter _error;

    public Output(TextWriter standard, TextWriter error, bool isJson)
    {
        (_out, _error, IsJson) = (standard, error, isJson);
        // The process's own console knows its colours and width; any other writer gets plain text.
        bool isConsole = !isJson && !Console.IsOutputRedirected && ReferenceEquals(standard, Console.Out);
        People = isConsole ? AnsiConsole.Console : AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(isJson ? TextWriter.Null : standard),
        });
        if (!isConsole) People.Profile.Width = PlainWidth;
    }

    /// <summary>Width of lines where there is no terminal to ask, so that a root or a path is not broken in a log.</summary>
    private const int PlainWidth = 160;

    /// <summary>Whether a program reads the output.</summary>
    public bool IsJson { get; }

    /// <summary>The console for people.</summary>
    public IAnsiConsole People { get; }

    /// <summary>Writes the command's result: <paramref name="members"/> adds the members of the one object.</summary>
    public void Json(Action<Utf8JsonWriter> members)
    {
        if (!IsJson) return;
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }
        _out.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
        _out.Flush();
    }

    /// <summary>A line for people, never broken.</summary>
    public void Line(string text)
    {
        if (!IsJson) _out.WriteLine(Visible(text));
    }

    /// <summary>Text for people without a line's end, shown at once: a reply as it comes.</summary>
    public void Part(string text)
    {
        if (IsJson) return;
        _out.Write(Visible(text));
        _out.Flush();
    }

    /// <summary>A line on standard error that is not a result.</summary>
    public void Note(string text) => _error.WriteLine(Visible(text));

    /// <summary>A two-column table of facts for people.</summary>
    public void Facts(string title, params IEnumerable<(string Name, string Value)> facts)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(3)).AddColumn(new GridColumn());
        foreach ((string name, string value) in facts) grid.AddRow(new Text(name), new Text(value));
        People.Write(new Rule(Markup.Escape(title)).LeftJustified());
        People.Write(grid);
    }

    /// <summary>
    /// The text with <c>\uXXXX</c> for every control character but line ends and tab, and for the marks that override or isolate the direction of what follows.
    /// </summary>
    internal static string Visible(string text)
    {
        StringBuilder? shown = null;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            bool isLineEnd = c == '\n' || (c == '\r' && i + 1 < text.Length && text[i + 1] == '\n');
            bool steers = (char.IsControl(c) && c != '\t' && !isLineEnd) || c is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
            if (steers) shown ??= new StringBuilder(text, 0, i, text.Length + 16);
            if (steers) shown!.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
            else shown?.Append(c);
        }
        return shown?.ToString() ?? text;
    }
}
