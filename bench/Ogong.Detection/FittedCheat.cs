using Ogong.Commitments;
using Ogong.Compute;
using Ogong.Engine;
using Ogong.Kernels.Cpu;
using Ogong.Models;
using Ogong.Numerics;
using Ogong.Records;

namespace Ogong.Detection;

/// <summary>Distances of a cheap model's states after they were corrected towards the ordered model's in the span of the public directions.</summary>
/// <param name="Model">The cheap model.</param>
/// <param name="Directions">Public directions.</param>
/// <param name="Readout">How the correction is computed.</param>
/// <param name="Parameters">Numbers fitted.</param>
/// <param name="Public">Median distance under the public bank, per window.</param>
/// <param name="Drawn">Median distance under a bank drawn afterwards.</param>
internal sealed record FittedDistance(string Model, int Directions, string Readout, int Parameters, double Public, double Drawn);

/// <summary>
/// A cheat that knows the directions: it computes a cheap model's state h', predicts from it what the sketch should have been, and moves h' within the span of the public directions S so that it is:
/// <c>h' + Sᵀ(SSᵀ)⁻¹t</c>, t the predicted change of the sketch. Prediction is least squares over text of its own; the limit, a perfect prediction, shows what any amount of fitting can reach.
/// </summary>
internal static class FittedCheat
{
    private const int Training = 48, Test = 16, RandomFeatures = 384;

    private static readonly int[] Directions = [4, 32];

    public static async Task<IReadOnlyList<FittedDistance>> MeasureAsync(IModelWeights model, IModelWeights sibling)
    {
        using var backend = new CpuBackend(new CpuOptions { Threads = 1 });
        Corpus corpus = await Corpus.SampleAsync(backend, model, 0, Training + Test).ConfigureAwait(false);
        using var verifier = new Verifier(backend);
        Trace[] honest = await ReadAsync(backend, model, corpus).ConfigureAwait(false);
        List<FittedDistance> distances = [];
        foreach ((string name, IModelWeights cheap) in (IEnumerable<(string, IModelWeights)>)
            [("Q4_0 weights", Substitutions.Rounded(model, ElementType.Q4_0)), ("one layer skipped", SubstitutedWeights.WithSkippedLayer(model, model.Config.Layers / 2)), ("smaller sibling", sibling)])
        {
            Trace[] own = await ReadAsync(backend, cheap, corpus).ConfigureAwait(false);
            distances.AddRange(Fit(name, honest, own, verifier));
        }
        return distances;
    }

    private static async Task<Trace[]> ReadAsync(IBackend backend, IModelWeights model, Corpus corpus)
    {
        using Segment segment = await Segment.LoadAsync(backend, model).ConfigureAwait(false);
        using var provider = new Provider(segment, ProfileParameters.Exact());
        return [.. corpus.Sequences.Select((s, i) => provider.Read(s, Corpus.Ordered(i)))];
    }

    private static IEnumerable<FittedDistance> Fit(string name, Trace[] honest, Trace[] cheap, Verifier verifier)
    {
        int width = honest[0].Width, own = cheap[0].Width, most = Directions[^1];
        // A model of another width has no state to correct: it starts from zero.
        bool starts = own == width;
        double[][] x = [.. cheap.Select(Features)];
        (string Name, int Features, double[] Coefficients)[] readouts =
            [("linear", own + 1, Solve(own + 1)), ($"linear and {RandomFeatures} random features", own + 1 + RandomFeatures, Solve(own + 1 + RandomFeatures))];
        foreach (int m in Directions)
        {
            double[] lift = Lift(width, m, verifier);
            yield return Measure(m, lift, "none", 0, static (_, _, _) => { });
            foreach (var (readout, features, b) in readouts)
            {
                yield return Measure(m, lift, readout, features * m, (s, r, t) =>
                {
                    ReadOnlySpan<double> row = Row(s, r, features);
                    for (int i = 0; i < features; i++)
                        for (int d = 0; d < m; d++) t[d] += row[i] * b[(i * most) + d];
                });
            }
            yield return Measure(m, lift, "perfect", int.MaxValue, Change);
        }

        double[] Solve(int features)
        {
            var fit = new LeastSquares(features, most);
            var y = new double[most];
            for (int s = 0; s < Training; s++)
            {
                for (int r = 0; r < Corpus.Reply; r++)
                {
                    Change(s, r, y);
                    fit.Add(Row(s, r, features), y);
                }
            }
            return fit.Solve();
        }

        ReadOnlySpan<double> Row(int s, int r, int features) => x[s].AsSpan(r * (own + 1 + RandomFeatures), features);

        // The change of the sketch that would make it right.
        void Change(int s, int r, double[] t)
        {
            int all = Trace.Bank.Directions;
            for (int d = 0; d < t.Length; d++) t[d] = honest[s].Sketch[(r * all) + d] - (starts ? cheap[s].Sketch[(r * all) + d] : 0);
        }

        FittedDistance Measure(int m, double[] lift, string readout, int parameters, Action<int, int, double[]> predict)
        {
            List<double> open = [], drawn = [];
            for (int s = Training; s < Training + Test; s++)
            {
                float[] states = new float[honest[s].Hidden.Length];
                if (starts) cheap[s].Hidden.CopyTo(states, 0);
                for (int r = 0; r < Corpus.Reply; r++)
                {
                    var t = new double[m];
                    predict(s, r, t);
                    for (int i = 0; i < width; i++)
                    {
                        double sum = states[(r * width) + i];
                        for (int d = 0; d < m; d++) sum += lift[(i * m) + d] * t[d];
                        states[(r * width) + i] = (float)sum;
                    }
                }
                for (int w = 0; w < Corpus.Windows; w++)
                {
                    var at = new Range(w * CommitmentWindow.Length * width, (w + 1) * CommitmentWindow.Length * width);
                    open.Add(Distance(states.AsSpan(at), honest[s].Hidden.AsSpan(at), 0, m));
                    drawn.Add(Distance(states.AsSpan(at), honest[s].Hidden.AsSpan(at), 0xF177_ED00_0000_0000 + (ulong)((s * Corpus.Windows) + w), Verifier.Directions));
                }
            }
            return new FittedDistance(name, m, readout, parameters, Evaluation.Quantile([.. open], 0.5), Evaluation.Quantile([.. drawn], 0.5));
        }

        double Distance(ReadOnlySpan<float> committed, ReadOnlySpan<float> recomputed, ulong seed, int directions) =>
            HiddenDistance.Between(verifier.Project(committed, width, seed, directions), verifier.Project(recomputed, width, seed, directions), directions).Window;
    }

    // Of every row the state, 1, and rectified random mixtures of it.
    private static double[] Features(Trace trace)
    {
        int width = trace.Width, features = width + 1 + RandomFeatures;
        var mixtures = new float[RandomFeatures * width];
        for (int i = 0; i < mixtures.Length; i++) mixtures[i] = (Philox4x32.Generate(0xFEA7, (uint)i, 0, 0, 0).W0 & 1) == 0 ? 1 : -1;
        var x = new double[Corpus.Reply * features];
        for (int r = 0; r < Corpus.Reply; r++)
        {
            ReadOnlySpan<float> state = trace.Hidden.AsSpan(r * width, width);
            Span<double> row = x.AsSpan(r * features, features);
            for (int i = 0; i < width; i++) row[i] = state[i];
            row[width] = 1;
            for (int f = 0; f < RandomFeatures; f++)
            {
                double sum = 0;
                for (int i = 0; i < width; i++) sum += mixtures[(f * width) + i] * state[i];
                row[width + 1 + f] = Math.Max(0, sum / Math.Sqrt(width));
            }
        }
        return x;
    }

    // Sᵀ(SSᵀ)⁻¹ [width × m]: least squares of the unit vectors on the directions.
    private static double[] Lift(int width, int m, Verifier verifier)
    {
        var unit = new float[width * width];
        for (int i = 0; i < width; i++) unit[(i * width) + i] = 1;
        float[] columns = verifier.Project(unit, width, Trace.Bank.BankSeed, m); // Row i holds what every direction makes of unit vector i.
        var fit = new LeastSquares(m, width);
        for (int i = 0; i < width; i++)
        {
            var y = new double[width];
            y[i] = 1;
            fit.Add([.. columns.AsSpan(i * m, m).ToArray().Select(static v => (double)v)], y);
        }
        double[] solved = fit.Solve(); // (SSᵀ)⁻¹S [m × width]
        var lift = new double[width * m];
        for (int d = 0; d < m; d++)
            for (int i = 0; i < width; i++) lift[(i * m) + d] = solved[(d * width) + i];
        return lift;
    }
}
