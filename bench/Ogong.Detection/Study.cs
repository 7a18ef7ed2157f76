using Ogong.Compute;
using Ogong.Engine;
using Ogong.Kernels.Cpu;
using Ogong.Models;
using Ogong.Records;

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
/// <param name="Sequences">Sequences of seven windows.</param>
/// <param name="DecodeMismatches">Windows whose leaf an auditor's pass computes otherwise than the generator did while decoding: false rejects of the exact tier.</param>
/// <param name="Variants">Every provider's figures.</param>
internal sealed record ModelFigures(string Name, int Sequences, int DecodeMismatches, IReadOnlyList<VariantFigures> Variants)
{
    public int Windows => Sequences * Corpus.Windows;

    public VariantFigures Of(string name) => Variants.First(v => v.Variant.Name == name);
}

/// <summary>Runs every provider over a corpus and compares each window with the verifier's: exact arithmetic on the processor.</summary>
internal static class Study
{
    /// <summary>Figures of every provider on every window. The same for any number of workers.</summary>
    public static async Task<ModelFigures> RunAsync(string name, IModelWeights model, IModelWeights? sibling, int sequences, int workers, TextWriter log)
    {
        using var all = new CpuBackend();
        Corpus corpus = await Corpus.SampleAsync(all, model, sequences).ConfigureAwait(false);
        await log.WriteLineAsync($"{name}: sampled {sequences} sequences").ConfigureAwait(false);
        IReadOnlyList<Variant> variants = Variants.All(sibling);
        using var backend = new CpuBackend(new CpuOptions { Threads = 1 });
        using Segment honest = await Segment.LoadAsync(backend, model).ConfigureAwait(false);
        var held = new List<Resident>();
        try
        {
            foreach (Variant variant in variants) held.Add(await Resident.LoadAsync(backend, model, variant, honest).ConfigureAwait(false));
            var figures = variants.Select(_ => new double[sequences * Corpus.Windows][]).ToArray();
            int mismatches = 0, next = -1;
            await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(Work))).ConfigureAwait(false);
            return new ModelFigures(name, sequences, mismatches, [.. variants.Select((v, i) => new VariantFigures(v, [.. figures[i].Where(f => f is not null)]))]);

            void Work()
            {
                using var own = new Provider(honest, ProfileParameters.Exact());
                using var verifier = new Verifier(backend);
                Provider[] providers = [.. held.Select(h => h.CreateProvider())];
                for (int i; (i = Interlocked.Increment(ref next)) < sequences;)
                {
                    Trace recomputed = own.Read(corpus.Sequences[i], Corpus.Ordered(i));
                    Interlocked.Add(ref mismatches, Corpus.LeavesOf(recomputed, corpus.Sequences[i]).Zip(corpus.Leaves[i]).Count(p => p.First != p.Second));
                    for (int v = 0; v < variants.Count; v++) Compare(variants[v], providers[v], i, recomputed, figures[v], verifier);
                    if (i % 50 == 0) log.WriteLine($"{name}: {i} of {sequences}");
                }
                foreach (Provider provider in providers) provider.Dispose();
            }
        }
        finally
        {
            foreach (Resident resident in held) resident.Dispose();
        }

        void Compare(Variant variant, Provider provider, int sequence, Trace recomputed, double[][] figures, Verifier verifier)
        {
            Trace committed = provider.Read(variant.Text(corpus.Sequences, sequence), variant.Sampling(sequence));
            if (variant.Reordered) committed = Restored(committed);
            // The edited token is in the last window, and nothing before it is wrong.
            for (int w = variant.Name == "one token edited" ? Corpus.Windows - 1 : 0; w < Corpus.Windows; w++)
            {
                int at = (sequence * Corpus.Windows) + w;
                // Over tokens that were not ordered the values are right: only the choice of tokens can show.
                figures[at] = variant.Kind == VariantKind.Tokens ? Figures.OfTokens(committed, w) : new Figures(0xC4A1_1E46_0000_0000 + (ulong)at).Compare(committed, recomputed, w, verifier);
            }
        }
    }

    private static Trace Restored(Trace trace)
    {
        var hidden = new float[trace.Hidden.Length];
        for (int i = 0; i < hidden.Length; i++) hidden[i - (i % trace.Width) + Variants.Shuffled(i % trace.Width, trace.Width)] = trace.Hidden[i];
        using var backend = new CpuBackend(new CpuOptions { Threads = 1 });
        using var verifier = new Verifier(backend);
        return trace with { Hidden = hidden, Sketch = verifier.Project(hidden, trace.Width, Trace.Bank.BankSeed, Trace.Bank.Directions) };
    }

    /// <summary>A provider's model, loaded. Providers that only round share the honest one.</summary>
    private sealed class Resident : IDisposable
    {
        private readonly Variant _variant;
        private readonly Segment _segment;
        private readonly bool _owned;

        private Resident(Variant variant, Segment segment, bool owned) => (_variant, _segment, _owned) = (variant, segment, owned);

        public static async Task<Resident> LoadAsync(IBackend backend, IModelWeights model, Variant variant, Segment honest)
        {
            IModelWeights weights = variant.Weights(model);
            IBackend on = variant.Rounding is { } rounding ? new RoundedBackend(backend, rounding) : backend;
            bool shares = ReferenceEquals(weights, model) && ReferenceEquals(on, backend);
            return new Resident(variant, shares ? honest : await Segment.LoadAsync(on, weights).ConfigureAwait(false), !shares);
        }

        public Provider CreateProvider() => new(_segment, _variant.Profile);

        public void Dispose()
        {
            if (_owned) _segment.Dispose();
        }
    }
}
