using NUnit.Framework;
using Ogong.Compute;
using Ogong.Engine;
using Ogong.Models;

namespace Ogong.Tests.Engine;

/// <summary>Block types on their way to a backend: checked for finiteness, and loaded by every one as they are stored.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class BlockWeightTests
{
    private static readonly ElementType[] s_blocks = [ElementType.Q8_0, ElementType.Q4_0, ElementType.Q4_K, ElementType.Q6_K];

    [Test]
    public void A_block_type_has_no_element_size_and_whole_blocks_per_row([ValueSource(nameof(s_blocks))] ElementType type)
    {
        Assert.That(type.IsBlock());
        Assert.Throws<ArgumentOutOfRangeException>(() => type.Size());
        Assert.That(type.RowBytes(3 * type.BlockElements()), Is.EqualTo(3 * type.BlockBytes()));
        Assert.Throws<ArgumentOutOfRangeException>(() => type.RowBytes(type.BlockElements() + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ((ElementType)200).RowBytes(1));
        Assert.That(ElementType.BF16.RowBytes(int.MaxValue), Is.EqualTo(2L * int.MaxValue));
    }

    [Test]
    public void Every_backend_loads_every_block_type([ValueSource(typeof(TestBackends), nameof(TestBackends.Exact))] string name, [ValueSource(nameof(s_blocks))] ElementType type)
    {
        using IBackend backend = TestBackends.Create(name);
        var tensor = new MemoryTensor("model.layers.0.mlp.up_proj.weight", type, 1, 256, new byte[type.RowBytes(256)]);
        Assert.That(backend.Supports(Operation.Linear, type, NumericMode.Exact) && backend.Supports(Operation.Embed, type, NumericMode.Exact));
        using Weight weight = backend.LoadWeight(tensor);
        Assert.That(weight.Type, Is.EqualTo(type));
    }

    [Test]
    public void Rows_of_I8_256_have_any_length_with_a_shorter_last_block()
    {
        Assert.That(ElementType.I8_256.IsBlock());
        foreach ((int columns, int bytes) in new[] { (0, 0), (1, 5), (255, 259), (256, 260), (257, 265), (512, 520) }) Assert.That(ElementType.I8_256.RowBytes(columns), Is.EqualTo(bytes));
        Assert.That(ElementType.I8_256.RowBytes(int.MaxValue), Is.EqualTo(int.MaxValue + (4L << 23)));
        Assert.Throws<ArgumentOutOfRangeException>(() => ElementType.I8_256.RowBytes(-1));
    }

    [TestCase(ElementType.Q8_0, 0, 32)]
    [TestCase(ElementType.Q4_0, 0, 32)]
    [TestCase(ElementType.Q4_K, 0, 256)]
    [TestCase(ElementType.Q4_K, 2, 256)]
    [TestCase(ElementType.Q6_K, 208, 256)]
    public void A_scale_that_is_not_finite_is_named_by_row_and_column(ElementType type, int offset, int elements)
    {
        int columns = 3 * elements, row = (int)type.RowBytes(columns);
        byte[] bytes = new byte[2 * row];
        Array.Fill(bytes, (byte)0x7B); // the largest exponent that is finite; integers may have any bits
        var source = new CheckedTensorSource(new MemoryTensor("w", type, 2, columns, bytes), CancellationToken.None);
        Assert.That(source.ReadRows(0, 2).Length, Is.EqualTo(2 * row));
        bytes[row + (2 * type.BlockBytes()) + offset + 1] = 0xFC;
        NonFiniteWeightException refusal = Assert.Throws<NonFiniteWeightException>(() => source.ReadRows(0, 2))!;
        Assert.That((refusal.Row, refusal.Column), Is.EqualTo((1, 2 * elements)));
    }
}
