using System.Diagnostics;
using NUnit.Framework;

namespace Ogong.Tests.House;

/// <summary>Runs the SDK's command line as a user would.</summary>
internal static class Dotnet
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>The configuration these tests were built in, so that what is packed is what they test.</summary>
    public static string Configuration { get; } = Directory.GetParent(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar))!.Name;

    /// <summary>Runs <c>dotnet</c> and returns its output; fails the test, with the output, unless it exits with <paramref name="exitCode"/>.</summary>
    public static string Run(string folder, string[] arguments, int exitCode = 0, (string Name, string Value)? variable = null)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["MSBUILDDISABLENODEREUSE"] = "1", ["DOTNET_CLI_UI_LANGUAGE"] = "en", ["DOTNET_NOLOGO"] = "1" },
        };
        if (variable is { } set)
            start.Environment[set.Name] = set.Value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"dotnet {string.Join(' ', arguments)} ran longer than {Limit}.");
        }

        string text = output.Result + error.Result;
        Assert.That(process.ExitCode, Is.EqualTo(exitCode), () => $"dotnet {string.Join(' ', arguments)}\n{text}");
        return text;
    }
}
