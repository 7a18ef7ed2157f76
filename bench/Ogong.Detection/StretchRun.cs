using Ogong.Compute;
using Ogong.Engine;
using Ogong.Kernels;
using Ogong.Kernels.Cpu;
using Ogong.Models;
using Ogong.Records;

namespace Ogong.Detection;

/// <summary>A stretch of text that the verifier has read once, and any number of providers are compared over.</summary>
internal sealed class StretchRun
{
    private readonly IBackend _backend;
    private readonly IModelWeights _model;
    private readonly int _workers;
    private readonly Corpus _corpus;
    private readonly Sheet[][] _verified;
    private readonly bool[][] _leavesEqual;

    private StretchRun(IBackend backend, IModelWeights model, int workers, Corpus corpus)
    {
        (_backend, _model, _workers, _corpus) = (backend, model, workers, corpus);
        (_verified, _leavesEqual) = (new Sheet[corpus.Sequences.Length][], new bool[corpus.Sequences.Length][]);
    }

    /// <summary>Samples the text of sequences [<paramref name="first"/>, <paramref name="end"/>) and reads it as the verifier does.</summary>
    public static async Task<StretchRun> StartAsync(IBackend backend, IModelWeights model, int first, int end, int workers)
    {
        Corpus corpus = await SampleAsync(model, workers, first, end).ConfigureAwait(false);
        var run = new StretchRun(backend, model, workers, corpus);
        using Segment honest = await Segment.LoadAsync(backend, model).ConfigureAwait(false);
        await Parallel(first, end, workers, () => new Seat(honest, ProfileParameters.Exact(), backend), (seat, i) =>
        {
            Trace trace = seat.Read(corpus.Of(i), Corpus.Ordered(i));
            run._verified[i - first] = run.Sheets(trace, i, seat.Verifier);
            run._leavesEqual[i - first] = [.. corpus.LeavesOf(trace, i).Zip(corpus.Leaves[i - first]).Select(p => p.First == p.Second)];
        }).ConfigureAwait(false);
        return run;
    }

    /// <summary>Figures of a provider over sequences [<paramref name="from"/>, <paramref name="end"/>), a row per window.</summary>
    public async Task<double[]?[]> RunAsync(Variant variant, int from, int end)
    {
        var figures = new double[]?[(end - from) * Corpus.Windows];
        if (variant.Against is Against.ExactHashes or Against.StopRule)
        {
            for (int i = from; i < end; i++) ByHashOrRule(variant, i, figures.AsSpan((i - from) * Corpus.Windows, Corpus.Windows));
            return figures;
        }
        Corpus corpus = variant.DecodedBy is { } chooser ? await SampleAsync(chooser(_model), _workers, _corpus.First, end, _corpus).ConfigureAwait(false) : _corpus;
        using IBackend? device = variant.Device is { } named ? Device(named) : null;
        IBackend on = variant.Rounding is { } rounding ? new RoundedBackend(_backend, rounding) : device ?? _backend;
        using Segment segment = await Segment.LoadAsync(on, variant.Weights(_model)).ConfigureAwait(false);
        int workers = device is null ? _workers : 1;
        await Parallel(from, end, workers, () => new Seat(segment, variant.Profile, _backend, variant.Decodes, reads: variant.Against == Against.OwnReading), (seat, i) =>
        {
            Trace trace = seat.Read(variant.Text(corpus, i), variant.Sampling(i));
            if (variant.Reordered) trace = trace.Restored(seat.Verifier);
            Span<double[]?> own = figures.AsSpan((i - from) * Corpus.Windows, Corpus.Windows);
            if (variant.Kind == VariantKind.Tokens)
            {
                for (int w = variant.LastWindowOnly ? Corpus.Windows - 1 : 0; w < Corpus.Windows; w++) own[w] = Figures.OfTokens(trace.MarginsOf(w));
                return;
            }
            Sheet[] committed = Sheets(trace, i, seat.Verifier);
            Sheet[] recomputed = seat.Reader is { } reader ? Sheets(reader.Read(variant.Text(corpus, i), variant.Sampling(i)), i, seat.Verifier) : _verified[i - _corpus.First];
            for (int w = 0; w < Corpus.Windows; w++) own[w] = Figures.Compare(committed[w], recomputed[w]);
        }).ConfigureAwait(false);
        return figures;
    }

    // The exact tier's commitments are hashes, and where they are equal so is everything under them; a reply that is cut short is right as far as it goes.
    private void ByHashOrRule(Variant variant, int sequence, Span<double[]?> figures)
    {
        (bool whole, bool cut) = _corpus.Stops(sequence);
        if (!whole) throw new InvalidOperationException("The stop rule does not end a whole reply.");
        if (variant.Against == Against.StopRule) figures[^1] = Figures.Only("stop", cut ? 0 : 1);
        else for (int w = 0; w < figures.Length; w++) figures[w] = Figures.Only("exact", _leavesEqual[sequence - _corpus.First][w] ? 0 : 1);
    }

    private Sheet[] Sheets(Trace trace, int sequence, Verifier verifier) =>
        [.. Enumerable.Range(0, Corpus.Windows).Select(w => new Sheet(trace, w, 0xC4A1_1E46_0000_0000 + (ulong)((sequence * Corpus.Windows) + w), verifier))];

    private static async Task<Corpus> SampleAsync(IModelWeights model, int workers, int first, int end, Corpus? prompts = null)
    {
        using var all = new CpuBackend(new CpuOptions { Threads = workers });
        return await Corpus.SampleAsync(all, model, first, end, prompts).ConfigureAwait(false);
    }

    private static IBackend Device(string name) =>
        Backends.TryCreate(name, out IBackend? backend, out string? reason) ? backend : throw new InvalidOperationException($"{name}: {reason}");

    private static Task Parallel(int from, int end, int workers, Func<Seat> seat, Action<Seat, int> body)
    {
        int next = from - 1;
        return Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(() =>
        {
            using Seat own = seat();
            for (int i; (i = Interlocked.Increment(ref next)) < end;) body(own, i);
        })));
    }

    /// <summary>What one worker holds.</summary>
    private sealed class Seat(Segment segment, ProfileParameters profile, IBackend host, bool decodes = false, bool reads = false) : IDisposable
    {
        private readonly Provider _provider = new(segment, profile, decodes);

        public Provider? Reader { get; } = reads ? new(segment, profile) : null;

        public Verifier Verifier { get; } = new(host);

        public Trace Read(int[] tokens, SamplingParameters sampling) => _provider.Read(tokens, sampling);

        public void Dispose()
        {
            _provider.Dispose();
            Reader?.Dispose();
            Verifier.Dispose();
        }
    }
}
