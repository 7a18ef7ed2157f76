using System.Text;
using NUnit.Framework;
using Ogong.Compute;
using Ogong.Kernels.Cuda;
using Ogong.Kernels.Reference;

namespace Ogong.Tests.Kernels.Cuda;

/// <summary>Linear on integer weights for few rows where the operation suite does not go: every variant, several rounds and panels per block, and x too large for a block.</summary>
[TestFixture]
internal sealed class IntegerDecodeTests
{
    private const int Consumer = 101_376, A100 = 166_912, H100 = 232_448;

    private CudaBackend _backend = null!;

    [OneTimeSetUp]
    public void Create() => _backend = CudaCase.Create();

    [OneTimeTearDown]
    public void Release() => _backend?.Dispose();

    [Test]
    public async Task Every_number_of_rows_has_the_bits_of_the_reference([BlockTypes] ElementType type)
    {
        for (int rows = 1; rows <= DecodePlan.MostRows; rows++) await CompareAsync(type, rows, 70 - rows, Width(type, 520 + (64 * rows)));
    }

    // With 1 and 4 rows on either side of what a block quantises itself; 17 chunks and more are a second round.
    [TestCase(1, 40, 4300, true)]
    [TestCase(1, 3, 16640, false)]
    [TestCase(3, 40, 4090, true)]
    [TestCase(3, 40, 4352, false)]
    [TestCase(7, 40, 4352, false)]
    public async Task Rounds_and_either_way_of_quantising_have_the_bits_of_the_reference(int rows, int outputs, int columns, bool fused)
    {
        foreach (ElementType type in BlockTypesAttribute.All)
        {
            int width = Width(type, columns);
            Assert.That(IntegerDecodePlan.For(rows, outputs, width, type, _backend.SharedMemory, _backend.Multiprocessors).Fused, Is.EqualTo(fused));
            await CompareAsync(type, rows, outputs, width);
        }
    }

    [Test]
    public async Task Blocks_that_own_several_panels_have_the_bits_of_the_reference([BlockTypes] ElementType type, [Values(1, 5)] int rows)
    {
        int columns = Width(type, 300), panels = IntegerDecodePlan.For(rows, 1 << 20, columns, type, _backend.SharedMemory, _backend.Multiprocessors).Shape.Blocks;
        if (CudaCase.IsReal) Assert.Ignore("A real device has too many blocks for the reference.");
        await CompareAsync(type, rows, (2 * panels * IntegerPanels.Rows) + 35, columns);
    }

    [Test]
    public async Task A_chunk_that_is_not_finite_names_its_row_and_spares_the_others([BlockTypes] ElementType type, [Values(1, 4, 16)] int rows, [Values(float.NaN, float.PositiveInfinity)] float bad)
    {
        int columns = Width(type, 512);
        float[] x = new Inputs(rows).Tame(rows * columns);
        x[^1] = bad;
        using var step = new Step(_backend);
        DeviceBuffer y = step.Output(rows * 5);
        step.Queue.Linear(step.Upload(x), step.Load(new Inputs(2).BlockTensor(type, 5, columns, tame: true)), null, y, rows, NumericMode.Fast);
        Assert.That(Encoding.UTF8.GetString(await step.FinishAsync()), Is.EqualTo($"Linear(w) [{rows - 1}, 0]"));
        float[] result = new float[rows * 5];
        step.Queue.Read<float>(y, result);
        await step.Queue.CompleteAsync();
        Assert.That(result[..^5], Has.None.NaN);
        Assert.That(result[^5..], Has.All.NaN);
    }

    // Two rows are quantised by each block, twelve by a kernel of their own in the queue's scratch.
    [Test]
    public async Task It_is_part_of_a_recorded_step([BlockTypes] ElementType type, [Values(2, 12)] int rows)
    {
        var inputs = new Inputs(4);
        await RecordedLinear.IsReplayedAsync(_backend, inputs, inputs.BlockTensor(type, 40, Width(type, 288), tame: true), rows, NumericMode.Exact);
    }

    [Test]
    public void Every_plan_fits_its_device_or_leaves_the_rows_to_prefill([Values(Consumer, A100, H100)] int limit, [BlockTypes] ElementType type, [Values(256, 4096, 65536)] int columns)
    {
        for (int rows = 1; rows <= DecodePlan.MostRows; rows++)
        {
            var plan = IntegerDecodePlan.For(rows, 4096, columns, type, limit, 132);
            bool left = rows > 8 && limit == Consumer && (type is ElementType.Q4_K or ElementType.Q6_K);
            Assert.That(plan.Shape.Rows, left ? Is.LessThan(rows) : Is.GreaterThanOrEqualTo(rows));
            Assert.That(plan.Shape.SharedBytes, Is.LessThanOrEqualTo(limit));
            Assert.That(plan.Shape.Blocks, Is.EqualTo(128), "a panel of 32 rows each");
        }
        Assert.That(IntegerDecodePlan.For(17, 4096, columns, type, limit, 132).Shape.Rows, Is.LessThan(17));
    }

    [Test]
    public void One_row_keeps_64_KiB_in_flight_on_an_H100([BlockTypes] ElementType type)
    {
        DecodePlan shape = IntegerDecodePlan.For(1, 4096, 14336, type, H100, 132).Shape;
        Assert.That((shape.Stages - 1) * shape.Slots * 2048, Is.EqualTo(64 << 10));
    }

    private static int Width(ElementType type, int columns) => type == ElementType.I8_256 ? columns + 3 : (columns + type.BlockElements() - 1) / type.BlockElements() * type.BlockElements();

    private async Task CompareAsync(ElementType type, int rows, int outputs, int columns)
    {
        using var reference = new ReferenceBackend();
        byte[] expected = await RunAsync(reference, type, rows, outputs, columns), result = await RunAsync(_backend, type, rows, outputs, columns);
        Assert.That(result.AsSpan().SequenceEqual(expected), $"{type}: {rows} rows, {outputs} outputs, {columns} columns");
    }

    private static async Task<byte[]> RunAsync(IBackend backend, ElementType type, int rows, int outputs, int columns)
    {
        var inputs = new Inputs(rows + outputs);
        using var step = new Step(backend);
        Weight w = step.Load(inputs.BlockTensor(type, outputs, columns, tame: true));
        DeviceBuffer y = step.Output(rows * outputs);
        step.Queue.Linear(step.Upload(inputs.Tame(rows * columns)), w, inputs.OneIn(2) ? step.Upload(inputs.Tame(outputs)) : null, y, rows, NumericMode.Exact);
        return await step.FinishAsync((y, rows * outputs));
    }
}
