using NUnit.Framework;
using Ogong.Compute;
using Ogong.Kernels.Cuda;
using Ogong.Kernels.Reference;

namespace Ogong.Tests.Kernels.Cuda;

/// <summary>Block types in the device's layout: every element where the reference has it, in no more room than was stored.</summary>
[TestFixture]
internal sealed class IntegerWeightTests
{
    private CudaBackend _backend = null!;

    [OneTimeSetUp]
    public void Create() => _backend = CudaCase.Create();

    [OneTimeTearDown]
    public void Release() => _backend?.Dispose();

    [Test]
    public async Task Every_row_of_every_width_is_embedded_as_by_the_reference([BlockTypes] ElementType type, [Values(1, 32, 65)] int rows)
    {
        using var reference = new ReferenceBackend();
        var inputs = new Inputs(rows);
        int[] widths = type.BlockElements() == 32 ? [32, 224, 256, 288, 512, 800] : type == ElementType.I8_256 ? [1, 31, 32, 33, 255, 256, 257, 288, 511, 513, 1030] : [256, 512, 768];
        foreach (int columns in widths)
        {
            Tensor table = inputs.BlockTensor(type, rows, columns);
            byte[] expected = await EmbedAsync(reference, table), result = await EmbedAsync(_backend, table);
            Assert.That(result.AsSpan().SequenceEqual(expected), $"{columns} columns");
        }
    }

    [TestCase(4096, 4096)]
    [TestCase(14336, 4096)]
    [TestCase(128256, 2304)]
    [TestCase(896, 4864)]
    public void A_weight_takes_at_most_a_twentieth_more_than_was_stored(int rows, int columns)
    {
        foreach (ElementType type in BlockTypesAttribute.All)
        {
            long held = rows / IntegerPanels.Rows * IntegerPanels.PanelBytes(type, columns);
            Assert.That(held, Is.InRange(rows * type.RowBytes(columns), rows * type.RowBytes(columns) * 1.05), $"{type}");
        }
    }

    private static async Task<byte[]> EmbedAsync(IBackend backend, Tensor table)
    {
        using var step = new Step(backend);
        DeviceBuffer y = step.Output(table.Rows * table.Columns);
        step.Queue.Embed(step.Load(table), step.Upload([.. Enumerable.Range(0, table.Rows)]), y, table.Rows);
        return await step.FinishAsync((y, table.Rows * table.Columns));
    }
}
