using NUnit.Framework;
using Ogong.Compute;
using Ogong.Kernels.Device;

namespace Ogong.Tests.Kernels.Device;

/// <summary>A fault word names what a host backend would.</summary>
internal sealed class FaultTableTests
{
    [Test]
    public void The_number_of_an_output_and_a_flat_index_name_tensor_row_and_column()
    {
        var table = new FaultTable();
        Assert.That(table.Add("model.layers.3", Operation.RmsNorm, 64, null), Is.Zero);
        ulong second = table.Add("", Operation.Sample, 300, null);
        NonFiniteException first = table.Decode(130), other = table.Decode(second | 599);
        Assert.That((first.Tensor, first.Row, first.Column), Is.EqualTo(("model.layers.3.RmsNorm", 2, 2)));
        Assert.That((other.Tensor, other.Row, other.Column), Is.EqualTo(("Sample", 1, 299)));
    }

    [Test]
    public void An_earlier_output_has_the_smaller_word_whatever_the_index()
    {
        var table = new FaultTable();
        ulong first = table.Add("", Operation.Residual, int.MaxValue, null), second = table.Add("", Operation.Residual, 1, null);
        Assert.That(first | ((1UL << 40) - 1), Is.LessThan(second));
        Assert.That(second, Is.LessThan(FaultTable.None));
    }

    [Test]
    public void Numbers_begin_again_after_a_reset()
    {
        var table = new FaultTable();
        table.Add("a", Operation.RmsNorm, 1, null);
        table.Reset();
        Assert.That(table.Add("b", Operation.Attention, 5, null), Is.Zero);
        Assert.That(table.Decode(7).Tensor, Is.EqualTo("b.Attention"));
    }
}
