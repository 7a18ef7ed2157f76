using NUnit.Framework;
using Ogong.Numerics;

namespace Ogong.Tests.Numerics;

internal sealed class StorageFormatTests
{
    [Test]
    public void Every_pattern_survives_widening_and_rounding()
    {
        for (int i = 0; i <= ushort.MaxValue; i++)
        {
            ushort bits = (ushort)i;
            if (!float.IsNaN(BFloat16Format.Widen(bits))) Assert.That(BFloat16Format.Round(BFloat16Format.Widen(bits)), Is.EqualTo(bits));
            if (!float.IsNaN(Float16Format.Widen(bits))) Assert.That(Float16Format.Round(Float16Format.Widen(bits)), Is.EqualTo(bits));
        }
    }

    [Test]
    public void Halfway_goes_to_even_and_its_neighbours_to_the_nearest()
    {
        for (int i = 0; i < 0x7F80; i++) Between(i, i + 1, BFloat16Format.Widen, BFloat16Format.Round);
        for (int i = 0; i < 0x7BFF; i++) Between(i, i + 1, Float16Format.Widen, Float16Format.Round);
    }

    [Test]
    public void What_rounds_past_the_largest_value_is_infinite()
    {
        Assert.That(Float16Format.Widen(Float16Format.Round(65519.996f)), Is.EqualTo(65504f));
        Assert.That(Float16Format.Widen(Float16Format.Round(65520f)), Is.EqualTo(float.PositiveInfinity));
        Assert.That(BFloat16Format.Widen(BFloat16Format.Round(float.MinValue)), Is.EqualTo(float.NegativeInfinity));
        Assert.That(BFloat16Format.Widen(BFloat16Format.Round(BitConverter.UInt32BitsToSingle(0x7F80_0001))), Is.NaN);
    }

    private static void Between(int low, int high, Func<ushort, float> widen, Func<float, ushort> round)
    {
        // The half-way point of two neighbours is exact in binary32; the upper end of bfloat16 is the only one that overflows on the way.
        double middle = ((double)widen((ushort)low) + (high == 0x7F80 ? Math.ScaleB(1, 128) : widen((ushort)high))) / 2;
        float half = (float)middle;
        Assert.That(half, Is.EqualTo(middle));
        int even = low % 2 == 0 ? low : high;
        Assert.That(round(half), Is.EqualTo((ushort)even));
        Assert.That(round(-half), Is.EqualTo((ushort)(even | 0x8000)));
        Assert.That(round(MathF.BitDecrement(half)), Is.EqualTo((ushort)low));
        Assert.That(round(MathF.BitIncrement(half)), Is.EqualTo((ushort)high));
    }
}
