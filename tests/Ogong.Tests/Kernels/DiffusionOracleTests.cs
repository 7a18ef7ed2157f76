using NUnit.Framework;
using Ogong.Compute;
using Ogong.Kernels.Reference;

namespace Ogong.Tests.Kernels;

/// <summary>The reference's operations of diffusion transformers against the textbook formula in binary64, and the update of every scheduler against its paper's.</summary>
internal sealed class DiffusionOracleTests
{
    private const int Rows = 6, Columns = 517;

    private readonly ReferenceBackend _backend = new();

    [Test]
    public async Task LayerNorm()
    {
        var inputs = new Inputs(1);
        float[] x = [.. inputs.Tame(Rows * Columns).Select(v => v + 3f)], w = inputs.Tame(Columns), b = inputs.Tame(Columns);
        float[] y = await Oracle.RunAsync(_backend, x.Length, (step, result) => step.Queue.LayerNorm(step.Upload(x), step.Upload(w), step.Upload(b), 1e-5f, result, Rows, Columns));
        Oracle.Compare(y, (row, i) => (Normalized(x, row, i) * w[i]) + b[i], Columns, 2e-6);
    }

    [Test]
    public async Task Modulate_and_GatedResidual_read_the_chunks_of_their_own_sample()
    {
        var inputs = new Inputs(2);
        float[] x = inputs.Tame(Rows * Columns), added = inputs.Tame(Rows * Columns), chunks = inputs.Tame(2 * 6 * Columns);
        double Chunk(int row, int which, int i) => chunks[(row / 3 * 6 * Columns) + (which * Columns) + i];
        float[] y = await Oracle.RunAsync(_backend, x.Length, (step, result) =>
            step.Queue.Modulate(step.Upload(x), new SampleParameters(step.Upload(chunks), 6 * Columns, 3), 0, Columns, 1e-5f, result, Rows, Columns));
        Oracle.Compare(y, (row, i) => (Normalized(x, row, i) * (1 + Chunk(row, 1, i))) + Chunk(row, 0, i), Columns, 2e-6);
        y = await Oracle.RunAsync(_backend, x.Length, (step, result) =>
        {
            step.Queue.Write<float>(x, result);
            step.Queue.GatedResidual(result, step.Upload(added), new SampleParameters(step.Upload(chunks), 6 * Columns, 3), 5 * Columns, Rows, Columns);
        });
        Oracle.Compare(y, (row, i) => x[(row * Columns) + i] + (Chunk(row, 5, i) * added[(row * Columns) + i]), Columns, 1e-6);
    }

    [Test]
    public async Task Gelu_and_Silu()
    {
        float[] x = [.. new Inputs(3).Tame(999).Select(v => 4 * v)];
        float[] y = await Oracle.RunAsync(_backend, 999, (step, result) => step.Queue.Gelu(step.Upload(x), result, 999));
        Oracle.Compare(y, (_, i) => 0.5 * x[i] * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x[i] + (0.044715 * Math.Pow(x[i], 3))))), 999, 2e-6);
        y = await Oracle.RunAsync(_backend, 999, (step, result) => step.Queue.Silu(step.Upload(x), result, 999));
        Oracle.Compare(y, (_, i) => x[i] / (1 + Math.Exp(-x[i])), 999, 1e-6);
    }

    [Test]
    public async Task BidirectionalAttention()
    {
        var shape = new AttentionShape(2, 5, 301, 2, 8);
        var inputs = new Inputs(4);
        float[] q = inputs.Tame(2 * 5 * 16), k = inputs.Tame(2 * 301 * 16), v = inputs.Tame(2 * 301 * 16);
        int[] counts = [301, 260];
        float[] y = await Oracle.RunAsync(_backend, q.Length, (step, result) => step.Queue.BidirectionalAttention(step.Upload(q), step.Upload(k), step.Upload(v), step.Upload(counts), result, shape));
        Oracle.Compare(y, (row, at) =>
        {
            double z = 0, o = 0;
            for (int j = 0; j < counts[row / 5]; j++)
            {
                int key = (((row / 5 * 301) + j) * 16) + (at / 8 * 8);
                double weight = Math.Exp(Enumerable.Range(0, 8).Sum(e => (double)q[(row * 16) + (at / 8 * 8) + e] * k[key + e]) / Math.Sqrt(8));
                (z, o) = (z + weight, o + (weight * v[key + (at % 8)]));
            }
            return o / z;
        }, 16, 2e-6);
    }

    [Test]
    public async Task A_flow_matching_Euler_step_with_guidance()
    {
        const double sigma = 0.75, next = 0.5, guidance = 2.5;
        (float[] x, float[] v) = (new Inputs(5).Tame(700), new Inputs(6).Tame(1400));
        float[] y = await AdvanceAsync(x, v, null, new DenoiseRow(1, (float)guidance, 0, 0, float.PositiveInfinity, 1, 0, (float)(next - sigma), 0), guided: true);
        Oracle.Compare(y, (_, i) => x[i] + ((next - sigma) * (v[700 + i] + (guidance * (v[i] - v[700 + i])))), 700, 2e-6);
    }

    [Test]
    public async Task An_Euler_step_by_velocity()
    {
        const double sigma = 3.2, next = 1.7;
        (float[] x, float[] v) = (new Inputs(7).Tame(700), new Inputs(8).Tame(700));
        double scale = (sigma * sigma) + 1, fromLatent = 1 + ((next - sigma) * sigma / scale), fromOutput = (next - sigma) / Math.Sqrt(scale);
        float[] y = await AdvanceAsync(x, v, null, new DenoiseRow((float)(1 / Math.Sqrt(scale)), 0, 0, 0, float.PositiveInfinity, (float)fromLatent, 0, (float)fromOutput, 0), guided: false);
        Oracle.Compare(y, (_, i) =>
        {
            double data = (v[i] * (-sigma / Math.Sqrt(scale))) + (x[i] / scale);
            return x[i] + ((x[i] - data) / sigma * (next - sigma));
        }, 700, 2e-6);
    }

    [Test]
    public async Task A_DDIM_step_by_noise_clipped_and_with_fresh_noise()
    {
        const double alpha = 0.4, next = 0.55, eta = 0.6, limit = 1;
        (float[] x, float[] v, float[] noise) = (new Inputs(9).Tame(700), new Inputs(10).Tame(700), new Inputs(11).Tame(700));
        double sigma = eta * Math.Sqrt((1 - next) / (1 - alpha) * (1 - (alpha / next)));
        var row = new DenoiseRow(
            1, 0, (float)(1 / Math.Sqrt(alpha)), (float)-Math.Sqrt((1 - alpha) / alpha), (float)limit, 0, (float)Math.Sqrt(next), (float)Math.Sqrt(1 - next - (sigma * sigma)), (float)sigma);
        float[] y = await AdvanceAsync(x, v, noise, row, guided: false);
        Oracle.Compare(y, (_, i) =>
        {
            double data = Math.Clamp((x[i] - (Math.Sqrt(1 - alpha) * v[i])) / Math.Sqrt(alpha), -limit, limit);
            return (Math.Sqrt(next) * data) + (Math.Sqrt(1 - next - (sigma * sigma)) * v[i]) + (sigma * noise[i]);
        }, 700, 2e-6);
    }

    [Test]
    public async Task LatentDistance_is_relative_and_counts_a_reference_of_zeros_as_tiny()
    {
        (float[] x, float[] reference) = (new Inputs(12).Tame(3 * 700), new Inputs(13).Tame(3 * 700));
        Array.Clear(x, 1400, 700);
        Array.Clear(reference, 1400, 700);
        float[] y = await Oracle.RunAsync(_backend, 3, (step, result) => step.Queue.LatentDistance(step.Upload(x), step.Upload(reference), result, 3, 700));
        for (int s = 0; s < 2; s++)
        {
            IEnumerable<int> part = Enumerable.Range(s * 700, 700);
            double expected = Math.Sqrt(part.Sum(i => Math.Pow((double)x[i] - reference[i], 2)) / part.Sum(i => Math.Pow(reference[i], 2)));
            Assert.That(y[s], Is.EqualTo(expected).Within(1e-6));
        }
        Assert.That(y[2], Is.Zero);
    }

    private Task<float[]> AdvanceAsync(float[] x, float[] output, float[]? noise, DenoiseRow row, bool guided) => Oracle.RunAsync(_backend, x.Length, (step, result) =>
        step.Queue.DenoiseStep(step.Upload(x), step.Upload(output), noise is null ? null : step.Upload(noise), step.Upload(row), result, 1, x.Length, guided));

    private static double Normalized(float[] x, int row, int i)
    {
        double[] values = [.. x[(row * Columns)..((row + 1) * Columns)].Select(v => (double)v)];
        double mean = values.Average();
        return (values[i] - mean) / Math.Sqrt(values.Average(v => (v - mean) * (v - mean)) + 1e-5);
    }
}
