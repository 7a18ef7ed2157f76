using System.Security.Cryptography;
using NUnit.Framework;
using Ogong.Numerics;

namespace Ogong.Tests.Numerics;

internal sealed class ElementaryFunctionTests
{
    [Test]
    public void Exp_at_its_edges()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Pattern(ExactMath.Exp(0f)), Is.EqualTo(Pattern(1f)));
            Assert.That(Pattern(ExactMath.Exp(-0f)), Is.EqualTo(Pattern(1f)));
            Assert.That(Pattern(ExactMath.Exp(float.Epsilon)), Is.EqualTo(Pattern(1f)));
            Assert.That(Pattern(ExactMath.Exp(MathF.BitDecrement(-87f))), Is.Zero);
            Assert.That(Pattern(ExactMath.Exp(float.NegativeInfinity)), Is.Zero);
            Assert.That(float.IsNormal(ExactMath.Exp(-87f)));
            Assert.That(ExactMath.Exp(MathF.BitIncrement(88f)), Is.EqualTo(ExactMath.Exp(88f)));
            Assert.That(ExactMath.Exp(float.PositiveInfinity), Is.EqualTo(ExactMath.Exp(88f)));
            Assert.That(ExactMath.Exp(BitConverter.UInt32BitsToSingle(0x7FC0_0001)), Is.NaN);
        });
    }

    [Test]
    public void Log_at_its_edges()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Pattern(ExactMath.Log(1f)), Is.Zero);
            Assert.That(ExactMath.Log(0f), Is.EqualTo(float.NegativeInfinity));
            Assert.That(ExactMath.Log(-0f), Is.EqualTo(float.NegativeInfinity));
            Assert.That(ExactMath.Log(-1f), Is.NaN);
            Assert.That(ExactMath.Log(float.NaN), Is.NaN);
            Assert.That(ExactMath.Log(float.PositiveInfinity), Is.EqualTo(float.PositiveInfinity));
            Assert.That(ExactMath.Log(float.Epsilon), Is.EqualTo(-103.27893f));
        });
    }

    [Test]
    public void One_digest_pins_every_bit_of_both()
    {
        // Every 4099th pattern (a prime): the whole range, subnormals and NaNs included.
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> pair = stackalloc byte[8];
        for (ulong pattern = 0; pattern <= uint.MaxValue; pattern += 4099)
        {
            float x = BitConverter.UInt32BitsToSingle((uint)pattern);
            BitConverter.TryWriteBytes(pair, Canonical(ExactMath.Exp(x)));
            BitConverter.TryWriteBytes(pair[4..], Canonical(ExactMath.Log(x)));
            hash.AppendData(pair);
        }
        Assert.That(Convert.ToHexStringLower(hash.GetHashAndReset()), Is.EqualTo("0063388737d72598e31c1140521c9aa096f134c9911e2f7ef0a9056cac233ecd"));
    }

    private static uint Pattern(float value) => BitConverter.SingleToUInt32Bits(value);

    private static uint Canonical(float value) => float.IsNaN(value) ? 0x7FC0_0000 : Pattern(value);
}
