using NUnit.Framework;
using Ogong.Compute;
using Ogong.Models;

namespace Ogong.Tests.Models;

public class SubstitutedWeightsTests
{
    [Test]
    public void EightBitLayersHaveAtMost255LevelsPerRowAndStayClose()
    {
        using ModelDirectory model = ModelDirectory.Open(Repository.Model("kjv-0.9m"));
        SubstitutedWeights cheat = SubstitutedWeights.WithEightBitLayers(model, 1, 2);
        float[] before = Row(model.Tensor(TensorNames.Gate(1)), 5), after = Row(cheat.Tensor(TensorNames.Gate(1)), 5);
        float scale = before.Max(MathF.Abs) / 127;
        Assert.That(after, Is.Not.EqualTo(before));
        for (int i = 0; i < before.Length; i++)
        {
            Assert.That(MathF.Abs(after[i] - before[i]), Is.LessThanOrEqualTo((scale / 2) + (MathF.Abs(before[i]) / 128)));
            float level = MathF.Round(before[i] / scale, MidpointRounding.ToEven) * scale;
            Assert.That(MathF.Abs(after[i] - level), Is.LessThanOrEqualTo(MathF.Abs(level) / 256), "a multiple of the scale, rounded to bfloat16");
        }
        foreach (string same in (string[])[TensorNames.Gate(0), TensorNames.Gate(3), TensorNames.InputNorm(1), TensorNames.Embedding])
            Assert.That(cheat.Tensor(same), Is.Not.InstanceOf<MemoryTensor>(), same);
    }

    [Test]
    public void AFlippedBitIsTheOnlyDifference()
    {
        using ModelDirectory model = ModelDirectory.Open(Repository.Model("kjv-0.9m"));
        string name = TensorNames.Down(2);
        ITensorSource original = model.Tensor(name), flipped = SubstitutedWeights.WithFlippedBit(model, name, 7, 100, 9).Tensor(name);
        byte[] a = original.ReadRows(0, 128).ToArray(), b = flipped.ReadRows(0, 128).ToArray();
        int at = (((7 * 352) + 100) * 2) + 1;
        a[at] ^= 0b10;
        Assert.That(b, Is.EqualTo(a));
    }

    [Test]
    public void ASkippedLayerAddsNothing()
    {
        using ModelDirectory model = ModelDirectory.Open(Repository.Model("kjv-0.9m"));
        SubstitutedWeights cheat = SubstitutedWeights.WithSkippedLayer(model, 3);
        Assert.That(Row(cheat.Tensor(TensorNames.Output(3)), 0), Is.All.Zero);
        Assert.That(Row(cheat.Tensor(TensorNames.Down(3)), 127), Is.All.Zero);
        Assert.That(Row(cheat.Tensor(TensorNames.Down(2)), 0), Is.EqualTo(Row(model.Tensor(TensorNames.Down(2)), 0)));
    }

    private static float[] Row(ITensorSource tensor, int row)
    {
        byte[] bytes = tensor.ReadRows(row, 1).ToArray();
        return [.. Enumerable.Range(0, tensor.Columns).Select(i => BitConverter.UInt32BitsToSingle((uint)BitConverter.ToUInt16(bytes, 2 * i) << 16))];
    }
}
