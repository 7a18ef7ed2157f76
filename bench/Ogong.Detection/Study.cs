using Ogong.Compute;
using Ogong.Kernels;
using Ogong.Kernels.Cpu;
using Ogong.Models;

namespace Ogong.Detection;

/// <summary>All figures of one provider.</summary>
/// <param name="Variant">The provider.</param>
/// <param name="Windows">Figures of every window, in order of <see cref="Figures.Checks"/>.</param>
internal sealed record VariantFigures(Variant Variant, double[][] Windows)
{
    /// <summary>One check's figures.</summary>
    public double[] Of(int check) => [.. Windows.Select(w => w[check])];
}

/// <summary>What was measured on one model.</summary>
/// <param name="Name">The model.</param>
/// <param name="Variants">Every provider's figures.</param>
/// <param name="Skipped">Devices that are not here, and why.</param>
internal sealed record ModelFigures(string Name, IReadOnlyList<VariantFigures> Variants, IReadOnlyDictionary<string, string> Skipped)
{
    /// <summary>Windows of the providers that have most.</summary>
    public int Windows => Variants.Max(v => v.Windows.Length);

    public VariantFigures Of(string name) => Variants.First(v => v.Variant.Name == name);
}

/// <summary>Runs every provider over a corpus and compares each window with the verifier's: exact arithmetic on the processor. The figures are the same for any number of workers and any number of interruptions.</summary>
/// <param name="name">The model's name.</param>
/// <param name="model">The ordered model.</param>
/// <param name="sibling">A smaller model of the same vocabulary, if there is one.</param>
/// <param name="store">Where figures are kept.</param>
/// <param name="workers">Sequences at once.</param>
/// <param name="log">Told of progress.</param>
internal sealed class Study(string name, IModelWeights model, IModelWeights? sibling, FigureStore store, int workers, TextWriter log)
{
    private const int Stretch = 128;
    private readonly Dictionary<string, string> _skipped = [];

    /// <summary>Runs what is not there yet of the first sequences.</summary>
    /// <param name="sequences">How many, one more if odd.</param>
    /// <param name="wants">Which providers; null for all.</param>
    public async Task RunAsync(int sequences, Func<Variant, bool>? wants = null)
    {
        sequences += sequences % 2; // A prompt is swapped with a neighbour's.
        Variant[] wanted = [.. Variants.All(sibling).Where(v => (wants is null || wants(v)) && IsHere(v))];
        using var backend = new CpuBackend(new CpuOptions { Threads = 1 });
        for (int first = 0; first < sequences; first += Stretch)
        {
            int end = Math.Min(sequences, first + Stretch);
            Variant[] due = [.. wanted.Where(v => store.Finished(name, v.Name) < Math.Min(end, v.Limit))];
            if (due.Length == 0) continue;
            var stretch = await StretchRun.StartAsync(backend, model, first, end, workers).ConfigureAwait(false);
            foreach (Variant variant in due)
            {
                int from = Math.Max(first, store.Finished(name, variant.Name));
                store.Append(name, variant.Name, await stretch.RunAsync(variant, from, Math.Min(end, variant.Limit)).ConfigureAwait(false));
            }
            await log.WriteLineAsync($"{DateTime.UtcNow:HH:mm:ss} {name}: {end} of {sequences} sequences").ConfigureAwait(false);
        }
    }

    /// <summary>What is there.</summary>
    public ModelFigures Collect()
    {
        VariantFigures[] variants = [.. Variants.All(sibling).Select(v => new VariantFigures(v, store.Read(name, v.Name, int.MaxValue / Corpus.Windows))).Where(v => v.Windows.Length > 0)];
        return new(name, variants, _skipped.Where(s => !variants.Any(v => v.Variant.Device == s.Key)).ToDictionary());
    }

    private bool IsHere(Variant variant)
    {
        if (variant.Device is not { } device || _skipped.ContainsKey(device)) return variant.Device is null;
        if (!Backends.TryCreate(device, out IBackend? backend, out string? reason))
        {
            _skipped[device] = reason.Split(['\r', '\n', ';'])[0]; // What follows is where it was looked for, on this machine.
            log.WriteLine($"{name}: not run on {device}: {reason}");
            return false;
        }
        backend.Dispose();
        return true;
    }
}
