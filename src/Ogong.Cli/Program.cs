using System.CommandLine;

namespace Ogong.Cli;

internal static class Program
{
    private static int Main(string[] args)
    {
        var root = new RootCommand("Ogong: AI compute that a stranger can check.");
        return root.Parse(args).Invoke();
    }
}
