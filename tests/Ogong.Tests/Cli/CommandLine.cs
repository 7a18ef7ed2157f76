using System.CommandLine;
using System.Text.Json;
using Ogong.Cli;

namespace Ogong.Tests.Cli;

/// <summary>Runs the tool in this process.</summary>
internal static class CommandLine
{
    public static (int Code, string Out, string Error) Run(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = Program.RunAsync(args, new InvocationConfiguration { Output = output, Error = error }).GetAwaiter().GetResult();
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>Runs with <c>--json</c>; standard output must be one JSON object and nothing else.</summary>
    public static (int Code, JsonElement Result, string Error) RunJson(params string[] args)
    {
        (int code, string output, string error) = Run([.. args, "--json"]);
        using JsonDocument document = JsonDocument.Parse(output);
        return (code, document.RootElement.Clone(), error);
    }
}
