using System.CommandLine;
using Ogong.Cli.Commands.Keys;

namespace Ogong.Cli;

internal static class Program
{
    private static int Main(string[] args)
    {
        var root = new RootCommand("Ogong: AI compute that a stranger can check.");
        root.Add(KeysCommand.Create());
        root.Add(SignCommand.Create());
        root.Add(VerifySignatureCommand.Create());
        var result = root.Parse(args);
        var code = result.Invoke();
        return result.Errors.Count > 0 ? ExitCode.Failure : code;
    }
}
