using System.Diagnostics;
using System.Globalization;
using Ogong.Cli.Bench;
using Ogong.Models;

namespace Ogong.Detection;

/// <summary>dotnet run -c Release --project bench/Ogong.Detection -- [--windows N] [--wide-windows N] [--workers N] [--repository FOLDER]</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        string repository = Option("--repository", ".");
        int windows = Number("--windows", 10_000), wideWindows = Number("--wide-windows", 210), workers = Number("--workers", Environment.ProcessorCount);
        var clock = Stopwatch.StartNew();
        using ModelDirectory model = ModelDirectory.Open(Path.Combine(repository, "models", "kjv-0.9m"));
        using ModelDirectory sibling = ModelDirectory.Open(Path.Combine(repository, "tests", "vectors", "models", "kjv-0.1m"));
        ModelFigures shipped = await Study.RunAsync("kjv-0.9m", model, sibling, SequencesOf(windows), workers, Console.Error).ConfigureAwait(false);
        IReadOnlyList<Cost> costs = await Costs.MeasureAsync(model).ConfigureAwait(false);
        Report.Write(repository, shipped, null, costs); // What is done is not lost if the rest is stopped.
        if (wideWindows > 0)
        {
            var random = new SyntheticModel(SyntheticModel.Shape(layers: 2, hidden: 2048, intermediate: 1024, vocabulary: 512));
            ModelFigures wide = await Study.RunAsync("random, width 2048", random, null, SequencesOf(wideWindows), workers, Console.Error).ConfigureAwait(false);
            Report.Write(repository, shipped, wide, costs);
        }
        await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed.TotalSeconds:F0} s")).ConfigureAwait(false);
        return 0;

        int Number(string name, int otherwise) => int.Parse(Option(name, otherwise.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);

        string Option(string name, string otherwise) => Array.IndexOf(args, name) is int i and >= 0 && i + 1 < args.Length ? args[i + 1] : otherwise;
    }

    private static int SequencesOf(int windows) => Math.Max(2, (windows + Corpus.Windows - 1) / Corpus.Windows);
}
