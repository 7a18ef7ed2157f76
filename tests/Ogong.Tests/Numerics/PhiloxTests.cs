using NUnit.Framework;
using Ogong.Numerics;

namespace Ogong.Tests.Numerics;

internal sealed class PhiloxTests
{
    // Known answers published with the paper's reference implementation (Random123, kat_vectors, philox4x32 with 10 rounds).
    [TestCase(0u, 0u, 0u, 0u, 0ul, 0x6627E8D5u, 0xE169C58Du, 0xBC57AC4Cu, 0x9B00DBD8u)]
    [TestCase(~0u, ~0u, ~0u, ~0u, ~0ul, 0x408F276Du, 0x41C83B0Eu, 0xA20BC7C6u, 0x6D5451FDu)]
    [TestCase(0x243F6A88u, 0x85A308D3u, 0x13198A2Eu, 0x03707344u, 0x299F31D0_A4093822ul, 0xD16CFE09u, 0x94FDCCEBu, 0x5001E420u, 0x24126EA1u)]
    public void Known_answers(uint c0, uint c1, uint c2, uint c3, ulong key, uint w0, uint w1, uint w2, uint w3) =>
        Assert.That(Philox4x32.Generate(key, c0, c1, c2, c3), Is.EqualTo((w0, w1, w2, w3)));

    [Test]
    public void A_sign_is_the_stated_bit_of_the_stated_word()
    {
        for (int c = 0; c < 1000; c++)
        {
            (uint w0, uint w1, uint w2, uint w3) = Philox4x32.Generate(0x0123_4567_89AB_CDEF, (uint)(c / 128), 5, 0x5352_5044, 0);
            uint word = new[] { w0, w1, w2, w3 }[c / 32 % 4];
            float expected = (word >> (c % 32)) % 2 == 1 ? -1f : 1f;
            Assert.That(Randomness.SrpSign(0x0123_4567_89AB_CDEF, 5, c), Is.EqualTo(expected));
        }
    }

    [Test]
    public void The_noise_is_finite_at_both_ends_of_the_generator()
    {
        Assert.That(float.IsFinite(Randomness.GumbelFromWord(0)));
        Assert.That(float.IsFinite(Randomness.GumbelFromWord(uint.MaxValue)));
        Assert.That(Randomness.GumbelFromWord(uint.MaxValue), Is.GreaterThan(16f));
    }
}
