using BenchmarkDotNet.Running;
using Ogong.Bench;

// dotnet run -c Release --project bench/Ogong.Bench -- peers [--json] [--threads N] [--coretype NAME]
if (args is ["peers", ..])
    return OpenBlasPeers.Run(args.Contains("--json"), int.Parse(Option("--threads", $"{Environment.ProcessorCount}")), Option("--coretype", "SkylakeX"));
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;

string Option(string name, string otherwise) => Array.IndexOf(args, name) is int i and >= 0 && i + 1 < args.Length ? args[i + 1] : otherwise;
