using NUnit.Framework;
using Ogong.Detection;
using Ogong.Numerics;

namespace Ogong.Tests.Detection;

/// <summary>The peer check of the detection study.</summary>
internal sealed class ToplocTests
{
    private const int Rows = 32;

    [TestCase(128)]
    [TestCase(2048)] // 65536 positions: more than the prime, so that a modulus is searched for.
    public void A_proof_gives_back_the_bits_it_was_made_of(int width)
    {
        float[] states = States(width, seed: 1);
        (int[] positions, ushort[] bits) = Toploc.Largest(states);
        ToplocProof proof = Toploc.Prove(Toploc.Largest(states));
        Assert.That(positions.Select(proof.Evaluate), Is.EqualTo(bits.Select(b => (int)b)));
        float least = positions.Min(p => MathF.Abs(BFloat16Format.Widen(BFloat16Format.Round(states[p]))));
        Assert.That(states.Where((_, i) => !positions.Contains(i)).Max(s => MathF.Abs(BFloat16Format.Widen(BFloat16Format.Round(s)))), Is.LessThanOrEqualTo(least));
    }

    [Test]
    public void Equal_states_have_no_errors_close_ones_pass_and_others_fail()
    {
        float[] states = States(128, seed: 1);
        ToplocProof proof = Toploc.Prove(Toploc.Largest(states));
        Assert.That(Toploc.Compare(proof, Toploc.Largest(states)), Is.EqualTo(new ToplocErrors(0, 0, 0, 0)));
        ToplocErrors close = Toploc.Compare(proof, Toploc.Largest([.. states.Select(s => s * 1.01f)]));
        Assert.That(close.Default, Is.InRange(0.05, 1));
        Assert.That(close.MantissaMean, Is.InRange(0.5, 3)); // 1 % of a mantissa between 128 and 255.
        ToplocErrors other = Toploc.Compare(proof, Toploc.Largest(States(128, seed: 2)));
        Assert.That(other.Default, Is.GreaterThan(1));
        Assert.That(other.MantissaMean, Is.GreaterThan(10));
    }

    [TestCase(0f, 0f)]
    [TestCase(1.0625f, 1f)] // Half way between 1 and 1.125: to even.
    [TestCase(1.1875f, 1.25f)]
    [TestCase(-447f, -448f)]
    [TestCase(470f, 448f)]
    [TestCase(0.0029f, 0.001953125f)] // Below 2⁻⁶ the grid is 2⁻⁹.
    public void E4M3_rounds_to_nearest(float value, float expected) => Assert.That(RoundedTensor.E4M3(value), Is.EqualTo(expected));

    // Normal values: no two magnitudes far apart in number, as in real states.
    private static float[] States(int width, ulong seed)
    {
        var states = new float[Rows * width];
        for (int i = 0; i < states.Length; i++)
        {
            (uint a, uint b, _, _) = Philox4x32.Generate(seed, (uint)i, 0, 0, 0);
            states[i] = (float)(Math.Sqrt(-2 * Math.Log((a + 1.0) / 4294967296.0)) * Math.Cos(2 * Math.PI * b / 4294967296.0));
        }
        return states;
    }
}
