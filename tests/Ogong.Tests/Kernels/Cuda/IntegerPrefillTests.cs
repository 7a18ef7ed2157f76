using System.Runtime.InteropServices;
using System.Text;
using NUnit.Framework;
using Ogong.Compute;
using Ogong.Kernels.Cuda;
using Ogong.Kernels.Reference;

namespace Ogong.Tests.Kernels.Cuda;

/// <summary>Linear on integer weights for many rows, with bytes and with binary16 as operands: both have the reference's bits.</summary>
[TestFixture(IntegerOperands.Bytes)]
[TestFixture(IntegerOperands.Halves)]
internal sealed class IntegerPrefillTests(IntegerOperands operands)
{
    private CudaBackend _backend = null!;

    [OneTimeSetUp]
    public void Create() => _backend = CudaCase.Create(operands: operands);

    [OneTimeTearDown]
    public void Release() => _backend?.Dispose();

    // Below and above a tile of each size in every direction; columns that end within a stage of 128, within its second half, and on a chunk.
    [TestCase(17, 1, 32)]
    [TestCase(33, 70, 100)]
    [TestCase(31, 65, 512)]
    [TestCase(64, 33, 1030)]
    [TestCase(61, 257, 300)]
    [TestCase(130, 140, 300)]
    [TestCase(129, 257, 160)]
    public async Task Shapes_around_every_edge_have_the_bits_of_the_reference(int rows, int outputs, int columns)
    {
        using var reference = new ReferenceBackend();
        foreach (ElementType type in BlockTypesAttribute.All)
        {
            int width = type == ElementType.I8_256 ? columns : (columns + type.BlockElements() - 1) / type.BlockElements() * type.BlockElements();
            for (int seed = 0; seed < 3; seed++)
            {
                byte[] expected = await RunAsync(reference, seed, type, rows, outputs, width), result = await RunAsync(_backend, seed, type, rows, outputs, width);
                Assert.That(result.AsSpan().SequenceEqual(expected), $"{type}, {rows} rows, {outputs} outputs, {width} columns, seed {seed}");
            }
        }
    }

    [Test]
    public async Task A_row_has_the_same_bits_in_decode_and_in_prefill([BlockTypes] ElementType type)
    {
        const int Rows = 140, Columns = 512, Wide = 130;
        var inputs = new Inputs(3);
        Tensor tensor = inputs.BlockTensor(type, Wide, Columns, tame: true);
        float[] x = inputs.Tame(Rows * Columns);
        byte[] whole = await RunAsync(_backend, tensor, x, Rows);
        foreach (int batch in new[] { 40, 16, 5, 1 })
        {
            for (int row = 0; row < (batch == 1 ? 10 : Rows); row += batch)
            {
                int rows = Math.Min(batch, Rows - row);
                byte[] part = await RunAsync(_backend, tensor, x[(row * Columns)..((row + rows) * Columns)], rows);
                Assert.That(part.AsSpan().SequenceEqual(whole.AsSpan(4 * Wide * row, 4 * Wide * rows)), $"rows {row} to {row + rows}");
            }
        }
    }

    // All sums at their largest: 127 against the extreme integers of each type.
    [Test]
    public async Task Extreme_integers_have_the_bits_of_the_reference([BlockTypes] ElementType type, [Values] bool negative)
    {
        const int Rows = 20, Outputs = 40, Columns = 512;
        byte[] stored = new byte[Outputs * (int)type.RowBytes(Columns)];
        stored.AsSpan().Fill(negative ? type is ElementType.I8_256 or ElementType.Q8_0 ? (byte)0x80 : (byte)0 : type is ElementType.I8_256 or ElementType.Q8_0 ? (byte)0x7F : (byte)0xFF);
        for (int at = 0; at < stored.Length; at += type.BlockBytes()) MakeScales(type, stored.AsSpan(at, type.BlockBytes()));
        var tensor = new Tensor("w", type, Outputs, Columns, stored);
        float[] x = [.. Enumerable.Range(0, Rows * Columns).Select(i => i / Columns % 3 == 0 ? 1f : i / Columns % 3 == 1 ? -1f : i % 2 == 0 ? 1f : -1f)];
        using var reference = new ReferenceBackend();
        byte[] expected = await RunAsync(reference, tensor, x, Rows), result = await RunAsync(_backend, tensor, x, Rows);
        Assert.That(result.AsSpan().SequenceEqual(expected));
        Assert.That(MemoryMarshal.Cast<byte, float>(expected).ToArray(), Has.Some.Not.Zero);
    }

    [Test]
    public async Task A_row_with_what_is_not_finite_is_named_at_column_0([BlockTypes] ElementType type)
    {
        const int Rows = 40, Columns = 512;
        float[] x = new Inputs(1).Tame(Rows * Columns);
        x[(37 * Columns) + 300] = float.NegativeInfinity;
        x[(38 * Columns) + 3] = float.NaN;
        using var step = new Step(_backend);
        Weight w = step.Load(new Inputs(2).BlockTensor(type, 70, Columns, tame: true));
        step.Queue.Linear(step.Upload(x), w, null, step.Output(Rows * 70), Rows, NumericMode.Exact);
        Assert.That(Encoding.UTF8.GetString(await step.FinishAsync()), Is.EqualTo("Linear(w) [37, 0]"));
    }

    private static Task<byte[]> RunAsync(IBackend backend, int seed, ElementType type, int rows, int outputs, int columns)
    {
        var inputs = new Inputs(seed);
        Tensor w = inputs.BlockTensor(type, outputs, columns);
        return RunAsync(backend, w, inputs.Values(rows * columns), rows, inputs.OneIn(2) ? inputs.Tame(outputs) : null);
    }

    private static async Task<byte[]> RunAsync(IBackend backend, Tensor w, float[] x, int rows, float[]? bias = null)
    {
        using var step = new Step(backend);
        DeviceBuffer y = step.Output(rows * w.Rows);
        step.Queue.Linear(step.Upload(x), step.Load(w), bias is null ? null : step.Upload(bias), y, rows, NumericMode.Exact);
        return await step.FinishAsync((y, rows * w.Rows));
    }

    // Scales 1 and, of the K-quants' groups, the extreme ones.
    private static void MakeScales(ElementType type, Span<byte> block)
    {
        ushort one = BitConverter.HalfToUInt16Bits((Half)1f);
        if (type == ElementType.I8_256) BitConverter.TryWriteBytes(block, 1f);
        else BitConverter.TryWriteBytes(block[(type == ElementType.Q6_K ? 208 : 0)..], one);
        if (type == ElementType.Q4_K)
        {
            BitConverter.TryWriteBytes(block[2..], one);
            block[4..16].Fill(0xFF);
        }
        if (type == ElementType.Q6_K) block[192..208].Fill(0x80);
    }
}
