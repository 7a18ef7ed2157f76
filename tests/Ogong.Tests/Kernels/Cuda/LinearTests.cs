using System.Runtime.InteropServices;
using System.Text;
using NUnit.Framework;
using Ogong.Compute;
using Ogong.Kernels.Cuda;
using Ogong.Kernels.Reference;

namespace Ogong.Tests.Kernels.Cuda;

/// <summary>Linear on CUDA where the operation suite does not go: every tile's edge, the change from decode to prefill, and the fast mode's distance.</summary>
[TestFixture]
internal sealed class LinearTests
{
    private static readonly int[] Widths = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 255, 256, 257, 263, 264, 511, 512, 520, 2048, 2049, 2056, 2311, 4352];
    private static readonly int[] Outputs = [1, 5, 31, 32, 33, 63, 64, 65, 127, 128, 129, 161];

    private CudaBackend _backend = null!;

    [OneTimeSetUp]
    public void Create() => _backend = CudaCase.Create();

    [OneTimeTearDown]
    public void Release() => _backend?.Dispose();

    [Test]
    public async Task Shapes_around_every_edge_have_the_bits_of_the_reference([PlainTypes] ElementType type)
    {
        using var reference = new ReferenceBackend();
        for (int rows = 1, turn = 0; rows <= 140; rows += rows < 40 ? 1 : rows < 120 ? 22 : 4, turn++)
        {
            int outputs = Outputs[turn * 5 % Outputs.Length], columns = Widths[turn * 7 % Widths.Length];
            if ((long)rows * outputs * columns > 3_000_000) columns = Widths[turn * 7 % 17];
            byte[] expected = await RunAsync(reference, turn, type, rows, outputs, columns), result = await RunAsync(_backend, turn, type, rows, outputs, columns);
            Assert.That(result.AsSpan().SequenceEqual(expected), $"{rows} rows, {outputs} outputs, {columns} columns");
        }
    }

    [Test]
    public async Task Every_width_has_the_bits_of_the_reference([Values(1, 3, 19)] int rows, [PlainTypes] ElementType type)
    {
        using var reference = new ReferenceBackend();
        foreach (int columns in Widths)
        {
            byte[] expected = await RunAsync(reference, columns, type, rows, 33, columns), result = await RunAsync(_backend, columns, type, rows, 33, columns);
            Assert.That(result.AsSpan().SequenceEqual(expected), $"{columns} columns");
        }
    }

    [Test]
    public async Task A_row_has_the_same_bits_in_decode_and_in_prefill([PlainTypes] ElementType type)
    {
        const int Rows = 150, Columns = 520, Wide = 70;
        var inputs = new Inputs(3);
        Tensor tensor = inputs.Tensor(type, Wide, Columns, tame: true);
        float[] x = inputs.Tame(Rows * Columns), bias = inputs.Tame(Wide);
        byte[]? whole = null;
        foreach (int batch in new[] { Rows, 40, 16, 7, 4, 1 })
        {
            List<byte> parts = [];
            for (int row = 0; row < (batch == 1 ? 20 : Rows); row += batch)
            {
                int rows = Math.Min(batch, Rows - row);
                using var step = new Step(_backend);
                DeviceBuffer y = step.Output(rows * Wide);
                step.Queue.Linear(step.Upload(x[(row * Columns)..((row + rows) * Columns)]), step.Load(tensor), step.Upload(bias), y, rows, NumericMode.Exact);
                parts.AddRange(await step.FinishAsync((y, rows * Wide)));
            }
            whole ??= [.. parts];
            Assert.That(CollectionsMarshal.AsSpan(parts).SequenceEqual(whole.AsSpan(0, parts.Count)), $"batches of {batch}");
        }
    }

    [Test]
    public async Task The_first_row_and_column_that_are_not_finite_are_named([Values(3, 16, 40, 140)] int rows)
    {
        const int Columns = 300, Wide = 140;
        byte[] stored = new byte[4 * Wide * Columns];
        foreach (int output in new[] { 131, 139 }) BitConverter.TryWriteBytes(stored.AsSpan(4 * ((output * Columns) + 299)), 2f);
        using var step = new Step(_backend);
        float[] x = new float[rows * Columns];
        foreach (int row in new[] { rows - 1, rows - 2 }) x[(row * Columns) + 299] = float.MaxValue;
        step.Queue.Linear(step.Upload(x), step.Load(new Tensor("w", ElementType.F32, Wide, Columns, stored)), null, step.Output(rows * Wide), rows, NumericMode.Exact);
        Assert.That(Encoding.UTF8.GetString(await step.FinishAsync()), Is.EqualTo($"Linear(w) [{rows - 2}, 131]"));
    }

    [Test]
    public async Task Fast_mode_is_near_the_exact_result([PlainTypes] ElementType type, [Values(1, 8, 9, 33)] int rows, [Values] bool biased)
    {
        const int Columns = 523, Wide = 67;
        var inputs = new Inputs(rows);
        Tensor tensor = inputs.Tensor(type, Wide, Columns, tame: true);
        float[] x = inputs.Tame(rows * Columns), shift = inputs.Tame(Wide);
        var results = new float[2][];
        foreach (NumericMode mode in Enum.GetValues<NumericMode>())
        {
            using var step = new Step(_backend);
            DeviceBuffer y = step.Output(rows * Wide);
            DeviceBuffer? bias = biased ? step.Upload(shift) : null;
            step.Queue.Linear(step.Upload(x), step.Load(tensor), bias, y, rows, mode);
            results[(int)mode] = MemoryMarshal.Cast<byte, float>(await step.FinishAsync((y, rows * Wide))).ToArray();
        }
        double error = results[0].Zip(results[1], (e, f) => ((double)e - f) * ((double)e - f)).Sum(), norm = results[0].Sum(e => (double)e * e);
        Assert.That(Math.Sqrt(error / norm), Is.LessThanOrEqualTo(1e-2));
    }

    [Test]
    public async Task Fast_mode_names_what_is_not_finite_after_the_product()
    {
        using var step = new Step(_backend);
        float[] x = new Inputs(1).Tame(20 * 40);
        x[(11 * 40) + 5] = 70000f; // an infinity in binary16
        Weight w = step.Load(new Inputs(2).Tensor(ElementType.F16, 6, 40, tame: true));
        step.Queue.Linear(step.Upload(x), w, null, step.Output(20 * 6), 20, NumericMode.Fast);
        Assert.That(Encoding.UTF8.GetString(await step.FinishAsync()), Is.EqualTo("Linear(w) [11, 0]"));
    }

    [Test]
    public async Task Fast_mode_is_part_of_a_recorded_step()
    {
        var inputs = new Inputs(4);
        await RecordedLinear.IsReplayedAsync(_backend, inputs, inputs.Tensor(ElementType.BF16, 40, 48, tame: true), 12, NumericMode.Fast);
    }

    private static async Task<byte[]> RunAsync(IBackend backend, int seed, ElementType type, int rows, int outputs, int columns)
    {
        var inputs = new Inputs(seed);
        using var step = new Step(backend);
        Weight w = step.Load(inputs.Tensor(type, outputs, columns, tame: true));
        DeviceBuffer x = step.Upload(inputs.Values(rows * columns)), y = step.Output(rows * outputs);
        step.Queue.Linear(x, w, inputs.OneIn(2) ? step.Upload(inputs.Tame(outputs)) : null, y, rows, NumericMode.Exact);
        return await step.FinishAsync((y, rows * outputs));
    }
}
