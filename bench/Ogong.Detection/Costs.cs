using System.Diagnostics;
using Ogong.Cli.Bench;
using Ogong.Commitments;
using Ogong.Engine;
using Ogong.Kernels.Cpu;
using Ogong.Models;
using Ogong.Records;

namespace Ogong.Detection;

/// <summary>What a check costs per token, as a share of a teacher-forced pass of the same positions on one thread.</summary>
/// <param name="Name">The check.</param>
/// <param name="BytesPerToken">Committed bytes.</param>
/// <param name="Commit">Time to commit.</param>
/// <param name="Verify">Time to compare, the recomputation itself apart.</param>
internal sealed record Cost(string Name, double BytesPerToken, double Commit, double Verify);

/// <summary>Measures costs; the only figures of the study that differ from run to run.</summary>
internal static class Costs
{
    private const int Rounds = 15;

    public static async Task<IReadOnlyList<Cost>> MeasureAsync(IModelWeights model)
    {
        using var backend = new CpuBackend(new CpuOptions { Threads = 1 });
        Corpus corpus = await Corpus.SampleAsync(backend, model, 0, 1).ConfigureAwait(false);
        using Segment segment = await Segment.LoadAsync(backend, model).ConfigureAwait(false);
        using var provider = new Provider(segment, ProfileParameters.Exact());
        using var verifier = new Verifier(backend);
        int[] tokens = corpus.Sequences[0];
        Trace trace = provider.Read(tokens, Corpus.Ordered(0));
        float[] states = trace.HiddenOf(0).ToArray();
        double pass = Time(() => provider.Read(tokens, Corpus.Ordered(0))) / Corpus.Length;
        ToplocProof proof = Toploc.Prove(Toploc.Largest(states));
        SketchWindow sketch = Sheet.Stored(trace.SketchOf(0), 32, StorageFormat.F16);
        TopKWindow list = trace.TopKOf(0, 8);
        double project = PerToken(() => verifier.Project(states, trace.Width, 0, 32));
        return
        [
            new("SHA-256 of the states", 1, PerToken(() => StateHasher.HashHidden(0, states, trace.Width)) / pass, PerToken(() => StateHasher.HashHidden(0, states, trace.Width)) / pass),
            new("SRP, 32 directions, binary16", 64, project / pass, (project + PerToken(() => HiddenDistance.Between(sketch, sketch))) / pass),
            new("top 8, KS", 64, PerToken(() => list.Hash(0)) / pass, PerToken(() => TopKDistance.Between(list, list)) / pass),
            new("TOPLOC", Toploc.Bytes / 32.0, PerToken(() => Toploc.Prove(Toploc.Largest(states))) / pass, PerToken(() => Toploc.Compare(proof, Toploc.Largest(states))) / pass),
        ];
    }

    private static double PerToken(Action action) => Time(action) / CommitmentWindow.Length;

    private static double Time(Action action) => Interleaved.Medians(Rounds, () =>
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    })[0];
}
