using System.Diagnostics;
using System.Globalization;
using Ogong.Cli.Bench;
using Ogong.Models;

namespace Ogong.Detection;

/// <summary>
/// <c>dotnet run -c Release --project bench/Ogong.Detection -- [--windows N] [--wide-windows N] [--only NAMES] [--state FOLDER] [--workers N] [--repository FOLDER]</c> runs the study and writes its pages;
/// with <c>--model FOLDER</c> it prints the thresholds of that model instead, for each arithmetic and device that is here.
/// </summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        string repository = Option("--repository", "."), only = Option("--only", ""), state = Option("--state", Path.Combine(repository, "artifacts", "detection"));
        int windows = Number("--windows", 10_000), wideWindows = Number("--wide-windows", 210), workers = Number("--workers", Environment.ProcessorCount);
        var clock = Stopwatch.StartNew();
        var store = new FigureStore(state);
        if (Option("--model", "") is { Length: > 0 } folder)
        {
            using ModelDirectory own = ModelDirectory.Open(folder);
            var calibration = new Study(new DirectoryInfo(folder).Name, own, null, store, workers, Console.Error);
            await calibration.RunAsync(SequencesOf(windows), v => Pair.IsOne(v) && Wanted(v)).ConfigureAwait(false);
            var text = new Markdown();
            OtherTables.Calibrated(text, new Evaluation(calibration.Collect()));
            await Console.Out.WriteAsync(text.ToString()).ConfigureAwait(false);
            return 0;
        }
        using ModelDirectory model = ModelDirectory.Open(Path.Combine(repository, "models", "kjv-0.9m"));
        using ModelDirectory sibling = ModelDirectory.Open(Path.Combine(repository, "tests", "vectors", "models", "kjv-0.1m"));
        var random = new SyntheticModel(SyntheticModel.Shape(layers: 2, hidden: 2048, intermediate: 1024, vocabulary: 512));
        var shipped = new Study("kjv-0.9m", model, sibling, store, workers, Console.Error);
        var wide = new Study("random, width 2048", random, null, store, workers, Console.Error);
        await wide.RunAsync(SequencesOf(wideWindows), Wanted).ConfigureAwait(false);
        await shipped.RunAsync(SequencesOf(windows), Wanted).ConfigureAwait(false);
        Report.Write(
            repository, new Evaluation(shipped.Collect()), new Evaluation(wide.Collect()), await FittedCheat.MeasureAsync(model, sibling).ConfigureAwait(false), await Costs.MeasureAsync(model).ConfigureAwait(false));
        await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed.TotalSeconds:F0} s")).ConfigureAwait(false);
        return 0;

        bool Wanted(Variant variant) => only.Split(',').Any(part => variant.Name.Contains(part, StringComparison.Ordinal));

        int Number(string name, int otherwise) => int.Parse(Option(name, otherwise.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);

        string Option(string name, string otherwise) => Array.IndexOf(args, name) is int i and >= 0 && i + 1 < args.Length ? args[i + 1] : otherwise;
    }

    private static int SequencesOf(int windows) => (windows + Corpus.Windows - 1) / Corpus.Windows;
}
