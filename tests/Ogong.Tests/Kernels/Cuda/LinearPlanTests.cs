using NUnit.Framework;
using Ogong.Compute;
using Ogong.Kernels.Cuda;

namespace Ogong.Tests.Kernels.Cuda;

/// <summary>What the linear kernels are compiled with, on devices of 99, 163 and 227 KiB of shared memory per block.</summary>
[TestFixture]
internal sealed class LinearPlanTests
{
    private const int Consumer = 101_376, A100 = 166_912, H100 = 232_448;

    [Test]
    public void Decode_fits_every_device_for_any_number_of_rows([Values(Consumer, A100, H100)] int limit, [PlainTypes] ElementType type)
    {
        for (int rows = 1; rows <= DecodePlan.MostRows; rows++)
        {
            var plan = DecodePlan.For(rows, 4096, type, limit, 132);
            Assert.That(plan.Rows, Is.GreaterThanOrEqualTo(rows));
            Assert.That(plan.SharedBytes, Is.LessThanOrEqualTo(limit));
            Assert.That(plan.Threads, Is.InRange(64, 512));
            Assert.That(plan.Blocks, Is.EqualTo(128), "a panel of 32 rows each");
        }
    }

    [Test]
    public void Decode_keeps_64_KiB_in_flight_on_an_H100([Values(1, 2, 4, 8)] int rows)
    {
        var plan = DecodePlan.For(rows, 4096, ElementType.BF16, H100, 132);
        Assert.That((plan.Stages - 1) * plan.Slots * 2048, Is.EqualTo(64 << 10));
    }

    [Test]
    public void Decode_puts_as_many_blocks_on_a_multiprocessor_as_fit()
    {
        Assert.That(DecodePlan.For(1, 1 << 20, ElementType.BF16, H100, 132).Blocks, Is.EqualTo(2 * 132));
        Assert.That(DecodePlan.For(8, 1 << 20, ElementType.BF16, H100, 132).Blocks, Is.EqualTo(132));
        Assert.That(DecodePlan.For(1, 1, ElementType.BF16, H100, 132).Blocks, Is.EqualTo(1));
    }

    [TestCase(4096, 4096, 4096, H100, 128, 128)]
    [TestCase(512, 4096, 4096, H100, 128, 128)]
    [TestCase(32, 4096, 4096, H100, 32, 64)]
    [TestCase(64, 4096, 14336, H100, 32, 64)]
    [TestCase(32, 4096, 4096, Consumer, 64, 64)]
    [TestCase(128, 1024, 4096, A100, 32, 64)]
    public void Prefill_takes_the_tile_that_leaves_fewest_multiprocessors_idle(int rows, int outputs, int columns, int limit, int tileRows, int tileColumns)
    {
        var plan = PrefillPlan.For(rows, outputs, columns, limit, 132);
        Assert.That((plan.TileRows, plan.TileColumns), Is.EqualTo((tileRows, tileColumns)));
        Assert.That(plan.Grid, Is.EqualTo(new Grid((outputs + tileColumns - 1) / tileColumns, (rows + tileRows - 1) / tileRows)));
        Assert.That(plan.SharedBytes, Is.LessThanOrEqualTo(limit));
    }
}
