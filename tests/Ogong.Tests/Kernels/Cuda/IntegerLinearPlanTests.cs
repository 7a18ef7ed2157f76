using NUnit.Framework;
using Ogong.Compute;
using Ogong.Kernels.Cuda;
using Ogong.Native.Cuda;

namespace Ogong.Tests.Kernels.Cuda;

/// <summary>What integer_prefill.cu is compiled with, on devices of 99, 163 and 227 KiB of shared memory per block.</summary>
[TestFixture]
internal sealed class IntegerLinearPlanTests
{
    private const int Consumer = 101_376, A100 = 166_912, H100 = 232_448;

    [TestCase(4096, 4096, 128, 128)]
    [TestCase(512, 4096, 128, 128)]
    [TestCase(256, 4096, 64, 128)]
    [TestCase(160, 4096, 64, 128)]
    [TestCase(128, 4096, 32, 64)]
    [TestCase(64, 4096, 32, 64)]
    [TestCase(17, 4096, 32, 64)]
    [TestCase(32, 128256, 32, 64)]
    public void The_tile_leaves_fewest_multiprocessors_idle(int rows, int outputs, int tileRows, int tileColumns)
    {
        var plan = IntegerPrefillPlan.For(rows, outputs, ElementType.I8_256, H100, 132);
        Assert.That((plan.TileRows, plan.TileColumns), Is.EqualTo((tileRows, tileColumns)));
        Assert.That(plan.Grid, Is.EqualTo(new Grid((outputs + tileColumns - 1) / tileColumns, (rows + tileRows - 1) / tileRows)));
    }

    [Test]
    public void Every_plan_fits_its_device([Values(Consumer, A100, H100)] int limit, [BlockTypes] ElementType type, [Values(17, 160, 4096)] int rows)
    {
        var plan = IntegerPrefillPlan.For(rows, 4096, type, limit, 132);
        Assert.That(plan.SharedBytes, Is.LessThanOrEqualTo(limit));
        Assert.That(plan.Stages, Is.GreaterThanOrEqualTo(limit == H100 ? rows == 17 ? 8 : 4 : 2));
    }

    // What the compiler gives for sizeof(Shared).
    [TestCase(ElementType.I8_256, 3, 100_352)]
    [TestCase(ElementType.Q8_0, 2, 75_776)]
    [TestCase(ElementType.Q4_0, 3, 83_968)]
    [TestCase(ElementType.Q4_K, 3, 91_136)]
    [TestCase(ElementType.Q6_K, 2, 75_776)]
    public void Shared_memory_is_what_the_kernel_lays_out(ElementType type, int stages, int bytes)
    {
        var plan = IntegerPrefillPlan.For(4096, 4096, type, Consumer, 132);
        Assert.That((plan.Stages, plan.SharedBytes), Is.EqualTo((stages, bytes)));
    }

    [TestCase(8, 0, IntegerOperands.Bytes)]
    [TestCase(9, 0, IntegerOperands.Bytes)]
    [TestCase(10, 0, IntegerOperands.Bytes)]
    [TestCase(10, 3, IntegerOperands.Halves)]
    [TestCase(12, 0, IntegerOperands.Bytes)]
    public void Bytes_are_multiplied_where_that_is_faster(int major, int minor, IntegerOperands operands) =>
        Assert.That(IntegerPrefillPlan.OperandsFor(new ComputeCapability(major, minor)), Is.EqualTo(operands));
}
