using NUnit.Framework;
using Ogong.Compute;
using Ogong.Kernels.Cpu;
using Ogong.Kernels.Reference;

namespace Ogong.Tests.Kernels.Cpu;

/// <summary>
/// Steps large enough to be cut into tiles, parts and tasks, at every vector width and on several threads, against the reference, bit for
/// bit.
/// (The operation suite one folder up holds every backend to thousands of small cases.)
/// </summary>
[TestFixture]
internal sealed class LargeStepTests
{
    private const int Vocabulary = 20_011;

    [Test]
    public async Task Normalised_rows_on_all_threads() => await CompareAsync(async backend =>
    {
        const int rows = 50, columns = 1001;
        var inputs = new Inputs(1);
        using var step = new Step(backend);
        DeviceBuffer y = step.Output(rows * columns);
        step.Queue.RmsNorm(step.Upload(inputs.Tame(rows * columns)), step.Upload(inputs.Tame(columns)), 1e-5f, y, rows, columns);
        return await step.FinishAsync((y, rows * columns));
    });

    [Test]
    public async Task A_fault_in_one_task_is_the_step_s() => await CompareAsync(async backend =>
    {
        const int rows = 50, columns = 1001;
        var inputs = new Inputs(1);
        float[] x = inputs.Tame(rows * columns);
        x[(37 * columns) + 900] = float.MaxValue;
        x[(40 * columns) + 3] = float.NaN;
        using var step = new Step(backend);
        DeviceBuffer y = step.Output(rows * columns);
        step.Queue.RmsNorm(step.Upload(x), step.Upload(inputs.Tame(columns)), 1e-5f, y, rows, columns);
        byte[] fault = await step.FinishAsync((y, rows * columns));
        Assert.That(System.Text.Encoding.UTF8.GetString(fault), Is.EqualTo("RmsNorm [37, 0]"));
        return fault;
    });

    [Test]
    public async Task Gates_and_residuals_on_all_threads() => await CompareAsync(async backend =>
    {
        const int count = 50_007;
        var inputs = new Inputs(2);
        using var step = new Step(backend);
        DeviceBuffer gate = step.Upload(inputs.Tame(count)), x = step.Upload(inputs.Tame(count));
        step.Queue.GatedActivation(gate, step.Upload(inputs.Tame(count)), gate, count);
        step.Queue.Residual(x, gate, count);
        return await step.FinishAsync((gate, count), (x, count));
    });

    [Test]
    public async Task Rotated_rows_on_all_threads() => await CompareAsync(async backend =>
    {
        const int rows = 60, heads = 9, headDim = 70, positions = 100;
        var inputs = new Inputs(3);
        using var step = new Step(backend);
        BatchLayout batch = step.Batch(rows);
        step.Queue.Write<int>([.. Enumerable.Range(31, rows)], batch.Positions);
        DeviceBuffer x = step.Upload(inputs.Tame(rows * heads * headDim));
        step.Queue.Rope(x, step.Upload(inputs.Tame(positions * headDim)), batch, rows, heads, headDim);
        return await step.FinishAsync((x, rows * heads * headDim));
    });

    [Test]
    public async Task Sketches_on_all_threads() => await CompareAsync(async backend =>
    {
        const int rows = 40, columns = 1003, directions = 130;
        var inputs = new Inputs(4);
        using var step = new Step(backend);
        DeviceBuffer h = step.Upload(inputs.Tame(rows * columns)), y = step.Output(rows * directions), other = step.Output(rows * 7),
            again = step.Output(directions);
        step.Queue.SrpProject(h, 99, y, rows, columns, directions);
        step.Queue.SrpProject(h, 99, other, rows, columns, 7);
        step.Queue.SrpProject(h, 100, again, 1, columns, directions);
        return await step.FinishAsync((y, rows * directions), (other, rows * 7), (again, directions));
    });

    [Test]
    public async Task Digests_of_a_large_vocabulary([Values(1, 20, 3000)] int k) => await CompareAsync(async backend =>
    {
        const int rows = 3;
        var inputs = new Inputs(5);
        using var step = new Step(backend);
        float[] values = inputs.Tame(rows * Vocabulary);
        // Ties across parts and within one.
        foreach (int id in (int[])[19_000, 17_000, 5, 17_001, 16_000]) values[id] = values[Vocabulary + id] = 9f;
        DeviceBuffer ids = step.Output(rows * k), logprobs = step.Output(rows * k), targetLogprobs = step.Output(rows);
        step.Queue.LogprobDigest(step.Upload(values), ids, logprobs, step.Upload(0, 17_000, Vocabulary - 1), targetLogprobs, rows,
            Vocabulary, k);
        return await step.FinishAsync((ids, rows * k), (logprobs, rows * k), (targetLogprobs, rows));
    });

    [Test]
    public async Task Samples_of_a_large_vocabulary() => await CompareAsync(async backend =>
    {
        const ulong all = 1UL << 32;
        SamplingRow[] parameters =
        [
            new(7, all, 0f, 0, 1), new(7, all, 1f, 0, 1), new(8, all, 30f, 0, 1), new(9, all, 1f, 40, 2), new(9, all, 1f, 19_999, 2),
                new(9, all / 10 * 9, 0.5f, 0, 3),
            new(9, all - (all / 1000), 1f, 0, 3), new(9, all - 1, 20f, 0, 3), new(9, all / 2, 0.2f, 1000, 4), new(9, 0, 1f, 0, 4),
        ];
        var inputs = new Inputs(6);
        using var step = new Step(backend);
        float[] values = [.. inputs.Tame(parameters.Length * Vocabulary).Select(v => v * 3f)];
        for (int row = 0; row < parameters.Length; row++) values[(row * Vocabulary) + 16_000] = values[(row * Vocabulary) + 18_000] = 15f;
        int[] claimed = [.. parameters.Select((_, i) => i % 3 == 0 ? 18_000 : i * 2000)];
        DeviceBuffer logits = step.Upload(values), rows = step.Upload(parameters), tokens = step.Output(parameters.Length),
            margins = step.Output(parameters.Length);
        step.Queue.Sample(logits, rows, tokens, parameters.Length, Vocabulary);
        step.Queue.SampleMargin(logits, rows, step.Upload(claimed), margins, parameters.Length, Vocabulary);
        return await step.FinishAsync((tokens, parameters.Length), (margins, parameters.Length));
    });

    internal static async Task CompareAsync(Func<IBackend, Task<byte[]>> run)
    {
        using var reference = new ReferenceBackend();
        byte[] expected = await run(reference);
        foreach (int bits in new[] { 512, 256, 128, 32 }.Where(VectorWidth.IsSupported))
        {
            foreach (int threads in (int[])[1, 3])
            {
                using var backend = new CpuBackend(new CpuOptions { Threads = threads, VectorBits = bits });
                byte[] actual = await run(backend);
                int at = actual.AsSpan().CommonPrefixLength(expected);
                Assert.That(actual.AsSpan().SequenceEqual(expected),
                    $"{bits} bits, {threads} threads: word {at / 4} of {expected.Length / 4} differs.");
            }
        }
    }
}
