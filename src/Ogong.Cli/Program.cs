using System.CommandLine;
using System.CommandLine.Invocation;
using Ogong.Cli.Commands;
using Ogong.Cli.Commands.Keys;
using Ogong.Cli.Demo;
using Ogong.Cli.Economy;

namespace Ogong.Cli;

internal static class Program
{
    private static Task<int> Main(string[] args) => RunAsync(args, new InvocationConfiguration());

    /// <summary>Runs one command line. Commands map their failures to exit codes themselves; see <see cref="CommandHandling"/>.</summary>
    internal static async Task<int> RunAsync(string[] args, InvocationConfiguration configuration)
    {
        configuration.EnableDefaultExceptionHandler = false;
        ParseResult parsed = CreateRoot().Parse(args);
        if (parsed.Action is not ParseErrorAction) return await parsed.InvokeAsync(configuration);
        if (args.Length == 0) await parsed.InvokeAsync(configuration); // shows the help
        else configuration.Error.WriteLine($"ogong: {string.Join(' ', parsed.Errors.Select(static e => e.Message))} See 'ogong --help'.");
        return ExitCode.BadInput; // the parser's own code is 1, which here means Reject
    }

    /// <summary>The whole tool: one line per command.</summary>
    internal static RootCommand CreateRoot() => new("Ogong: AI compute that a stranger can check.")
    {
        DemoCommand.Create(),
        GenerateCommand.Create(),
        DiffuseCommand.Create(),
        ScoreCommand.Create(),
        AuditCommand.Create(),
        InspectCommand.Create(),
        ModelCommands.Create(),
        ConvertCommand.Create(),
        KeysCommand.Create(),
        SignCommand.Create(),
        VerifySignatureCommand.Create(),
        BenchCommand.Create(),
        DoctorCommand.Create(),
        EconomicsCommand.Create(),
        SimulateCommand.Create(),
    };
}
