using System.Runtime.InteropServices;
using NUnit.Framework;
using Ogong.Compute;
using Ogong.Kernels.Reference;
using Ogong.Numerics;

namespace Ogong.Tests.Kernels;

/// <summary>The reference itself against the textbook formula in binary64: it defines the bits, but it has to compute the right thing.</summary>
internal sealed class ReferenceOracleTests
{
    private const int Rows = 3, Columns = 517;

    private readonly ReferenceBackend _backend = new();

    [Test]
    public async Task RmsNorm()
    {
        var inputs = new Inputs(1);
        float[] x = inputs.Tame(Rows * Columns), w = inputs.Tame(Columns);
        float[] y = await Oracle.RunAsync(_backend, x.Length, (step, result) => step.Queue.RmsNorm(step.Upload(x), step.Upload(w), 1e-5f, result, Rows, Columns));
        Oracle.Compare(y, (row, i) =>
        {
            double mean = x.AsSpan(row * Columns, Columns).ToArray().Sum(v => (double)v * v) / Columns;
            return x[(row * Columns) + i] / Math.Sqrt(mean + 1e-5) * w[i];
        }, Columns, 1e-6);
    }

    [Test]
    public async Task Linear()
    {
        var inputs = new Inputs(2);
        float[] x = inputs.Tame(Rows * Columns), bias = inputs.Tame(29);
        Tensor tensor = inputs.Tensor(ElementType.F32, 29, Columns, tame: true);
        float[] w = MemoryMarshal.Cast<byte, float>(tensor.ReadRows(0, 29)).ToArray();
        float[] y = await Oracle.RunAsync(_backend, Rows * 29, (step, result) => step.Queue.Linear(step.Upload(x), step.Load(tensor), step.Upload(bias), result, Rows, NumericMode.Exact));
        Oracle.Compare(y, (row, j) => bias[j] + Enumerable.Range(0, Columns).Sum(k => (double)x[(row * Columns) + k] * w[(j * Columns) + k]), 29, 2e-5);
    }

    [Test]
    public async Task Integer_linear([Values(ElementType.Q8_0, ElementType.Q4_0, ElementType.Q4_K, ElementType.Q6_K, ElementType.I8_256)] ElementType type)
    {
        const int Width = 768, Outputs = 29;
        var inputs = new Inputs(2);
        float[] x = inputs.Tame(Rows * Width), bias = inputs.Tame(Outputs), w = new float[Outputs * Width];
        Tensor tensor = inputs.BlockTensor(type, Outputs, Width, tame: true);
        for (int j = 0; j < Outputs; j++) ElementStorage.Widen(type, tensor.ReadRows(j, 1), w.AsSpan(j * Width, Width));
        // x to multiples of a 127th of the largest of its chunk
        double[] rounded = [.. x.Select(v => (double)v)];
        for (int chunk = 0; chunk < x.Length; chunk += 256)
        {
            double step = rounded.AsSpan(chunk, 256).ToArray().Max(Math.Abs) / 127;
            for (int k = chunk; k < chunk + 256; k++) rounded[k] = Math.Round(rounded[k] / step) * step;
        }
        double Exact(int row, int j, Func<int, double> input) => Enumerable.Range(0, Width).Sum(k => input((row * Width) + k) * w[(j * Width) + k]);
        float[] y = await Oracle.RunAsync(_backend, Rows * Outputs, (step, result) => step.Queue.Linear(step.Upload(x), step.Load(tensor), step.Upload(bias), result, Rows, NumericMode.Exact));
        double size = Math.Sqrt(w.Average(v => (double)v * v) * Width);
        for (int i = 0; i < y.Length; i++)
        {
            Assert.That(y[i], Is.EqualTo(bias[i % Outputs] + Exact(i / Outputs, i % Outputs, k => rounded[k])).Within(2e-5 * size), $"{i}");
            Assert.That(y[i], Is.EqualTo(bias[i % Outputs] + Exact(i / Outputs, i % Outputs, k => x[k])).Within(0.05 * size), $"{i} without rounding");
        }
    }

    [Test]
    public async Task Rope()
    {
        float[] x = new Inputs(3).Tame(Rows * 2 * 16);
        int[] positions = [0, 5, 1000];
        float[] y = await Oracle.RunAsync(_backend, x.Length, (step, result) =>
        {
            BatchLayout batch = step.Batch(Rows);
            step.Queue.Write<int>(positions, batch.Positions);
            step.Queue.Write<float>(x, result);
            step.Queue.Rope(result, step.Upload(new RopeTable(10000, 16).Build(1001)), batch, Rows, 2, 16);
        });
        Oracle.Compare(y, (row, at) =>
        {
            int i = at % 8;
            double angle = positions[row] * Math.Pow(10000, -i / 8.0);
            int head = at / 16 * 16;
            double a = x[(row * 32) + head + i], b = x[(row * 32) + head + i + 8];
            return at % 16 < 8 ? (a * Math.Cos(angle)) - (b * Math.Sin(angle)) : (a * Math.Sin(angle)) + (b * Math.Cos(angle));
        }, 32, 1e-6);
    }

    [Test]
    public async Task Attention([Values(int.MaxValue, 100)] int window)
    {
        const int Length = 530, Heads = 4, KvHeads = 2, Dim = 8;
        var inputs = new Inputs(4);
        float[] q = inputs.Tame(Length * Heads * Dim), k = inputs.Tame(Length * KvHeads * Dim), v = inputs.Tame(Length * KvHeads * Dim);
        float[] y = await Oracle.RunAsync(_backend, q.Length, (step, result) =>
        {
            KvCache cache = step.Cache(new KvCacheShape(1, KvHeads, Dim, 3, ElementType.F32));
            BatchLayout batch = step.Batch(Length, 1, 3);
            step.Queue.Write<int>([2, 0, 1], batch.PageTable);
            step.Queue.Write<int>([.. Enumerable.Range(0, Length)], batch.Positions);
            step.Queue.AppendKv(cache, 0, step.Upload(k), step.Upload(v), batch, Length);
            step.Queue.Attention(cache, 0, step.Upload(q), result, batch, Length, Heads, window, NumericMode.Exact);
        });
        Oracle.Compare(y, (row, at) =>
        {
            int head = at / Dim, d = at % Dim, kv = head / 2;
            double z = 0, o = 0;
            for (int j = Math.Max(0, row - window + 1); j <= row; j++)
            {
                double score = Enumerable.Range(0, Dim).Sum(e => (double)q[(((row * Heads) + head) * Dim) + e] * k[(((j * KvHeads) + kv) * Dim) + e]) / Math.Sqrt(Dim);
                z += Math.Exp(score);
                o += Math.Exp(score) * v[(((j * KvHeads) + kv) * Dim) + d];
            }
            return o / z;
        }, Heads * Dim, 1e-6);
    }

    [Test]
    public async Task GatedActivation()
    {
        var inputs = new Inputs(5);
        float[] g = [.. inputs.Tame(999).Select(v => 20 * v)], u = inputs.Tame(999);
        float[] y = await Oracle.RunAsync(_backend, 999, (step, result) => step.Queue.GatedActivation(step.Upload(g), step.Upload(u), result, 999));
        Oracle.Compare(y, (_, i) => g[i] / (1 + Math.Exp(-g[i])) * u[i], 999, 1e-5);
    }

    [Test]
    public async Task SrpProject_preserves_lengths_on_average()
    {
        float[] h = new Inputs(6).Tame(Columns);
        float[] y = await Oracle.RunAsync(_backend, 4000, (step, result) => step.Queue.SrpProject(step.Upload(h), 99, result, 1, Columns, 4000));
        double expected = h.Sum(v => (double)v * v) / Columns, mean = y.Sum(v => (double)v * v) / y.Length;
        // The mean of 4000 squares of near-normal numbers: a relative deviation of √(2/4000) = 2.2 %.
        Assert.That(mean / expected, Is.EqualTo(1).Within(0.09));
        Assert.That(y.Average() / Math.Sqrt(expected), Is.Zero.Within(0.07));
    }

    [Test]
    public async Task LogprobDigest()
    {
        float[] l = new Inputs(7).Tame(Rows * Columns);
        using var step = new Step(_backend);
        DeviceBuffer ids = step.Output(Rows * 20), logprobs = step.Output(Rows * 20), target = step.Output(Rows);
        step.Queue.LogprobDigest(step.Upload(l), ids, logprobs, step.Upload(4, 5, 6), target, Rows, Columns, 20);
        byte[] bytes = await step.FinishAsync((ids, Rows * 20), (logprobs, Rows * 20), (target, Rows));
        int[] top = MemoryMarshal.Cast<byte, int>(bytes.AsSpan())[..(Rows * 20)].ToArray();
        float[] lp = MemoryMarshal.Cast<byte, float>(bytes.AsSpan())[(Rows * 20)..].ToArray();
        for (int row = 0; row < Rows; row++)
        {
            double[] logits = [.. l[(row * Columns)..((row + 1) * Columns)].Select(v => (double)v)];
            double lse = Math.Log(logits.Sum(Math.Exp));
            int[] expected = [.. Enumerable.Range(0, Columns).OrderByDescending(i => logits[i]).ThenBy(i => i).Take(20)];
            Assert.That(top[(row * 20)..((row + 1) * 20)], Is.EqualTo(expected));
            for (int i = 0; i < 20; i++) Assert.That(lp[(row * 20) + i], Is.EqualTo(logits[expected[i]] - lse).Within(2e-6));
            Assert.That(lp[(Rows * 20) + row], Is.EqualTo(logits[4 + row] - lse).Within(2e-6));
        }
    }

    [TestCase(1f, 0, 1.0)]
    [TestCase(0.5f, 0, 1.0)]
    [TestCase(2f, 4, 1.0)]
    [TestCase(1f, 0, 0.8)]
    [TestCase(1.5f, 5, 0.7)]
    public async Task Sample_draws_from_the_filtered_softmax(float temperature, int topK, double topP)
    {
        const int Draws = 20000;
        float[] logits = [0.3f, 2f, -1f, 1.1f, 0.3f, -3f, 1.9f];
        double[] weights = [.. logits.Select(l => Math.Exp(l / temperature))];
        int[] order = [.. Enumerable.Range(0, logits.Length).OrderByDescending(i => logits[i]).ThenBy(i => i)];
        if (topK > 0) order = order[..topK];
        double total = order.Sum(i => weights[i]), before = 0;
        double[] expected = new double[logits.Length];
        foreach (int id in order)
        {
            if (before < topP * total) expected[id] = weights[id];
            before += weights[id];
        }
        total = expected.Sum();

        using var step = new Step(_backend);
        DeviceBuffer tokens = step.Output(Draws);
        SamplingRow[] rows = [.. Enumerable.Range(0, Draws).Select(n => new SamplingRow(42, (ulong)Math.Round(topP * (1L << 32)), temperature, topK, n))];
        step.Queue.Sample(step.Upload([.. Enumerable.Repeat(logits, Draws).SelectMany(l => l)]), step.Upload(rows), tokens, Draws, logits.Length);
        int[] drawn = MemoryMarshal.Cast<byte, int>((await step.FinishAsync((tokens, Draws))).AsSpan()).ToArray();
        for (int id = 0; id < logits.Length; id++)
        {
            double p = expected[id] / total, sigma = Math.Sqrt(p * (1 - p) / Draws);
            Assert.That(drawn.Count(t => t == id) / (double)Draws, Is.EqualTo(p).Within((4.5 * sigma) + 1e-12), $"token {id}");
        }
    }
}
