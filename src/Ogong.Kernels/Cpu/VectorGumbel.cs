using System.Runtime.CompilerServices;
using Ogong.Numerics;

namespace Ogong.Kernels.Cpu;

/// <summary>Sampling noise of consecutive token ids, as <see cref="Randomness.Gumbel"/>.</summary>
internal static class VectorGumbel
{
    /// <summary>Above every value the noise takes: −log(−log(1 − 2⁻²⁴)) is 16.64.</summary>
    public const float Bound = 17f;

    /// <summary>Noise of the ids <paramref name="firstId"/>, firstId + 1, … one per lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Noise<S, V>(ulong seed, int firstId, int position) where S : struct, ISimd<V> where V : unmanaged
    {
        V word = S.ShiftRight(Word0<S, V>(seed, firstId, position), 9);
        V u = S.Mul(S.Add(S.IntToFloat(word), S.Broadcast(0.5f)), S.Broadcast(1.1920928955078125e-7f)); // 2^-23
        V negative = S.IntBroadcast(0x8000_0000);
        // u lies in [2^-24, 1 - 2^-24], so both arguments are positive and normal.
        return S.Xor(VectorMath.LogOfNormal<S, V>(S.Xor(VectorMath.LogOfNormal<S, V>(u), negative)), negative);
    }

    /// <summary>Word 0 of Philox4x32-10 for the counters (id, position, tag, 0).</summary>
    private static V Word0<S, V>(ulong key, int firstId, int position) where S : struct, ISimd<V> where V : unmanaged
    {
        V m0 = S.IntBroadcast(Philox4x32.Multiplier0), m1 = S.IntBroadcast(Philox4x32.Multiplier1);
        V c0 = S.IntAdd(S.IntBroadcast((uint)firstId), S.Iota), c1 = S.IntBroadcast((uint)position),
            c2 = S.IntBroadcast(Randomness.SamplingTag), c3 = S.IntBroadcast(0);
        uint k0 = (uint)key, k1 = (uint)(key >> 32);
        for (int round = 0; round < Philox4x32.Rounds; round++)
        {
            V high0 = S.IntMulHigh(m0, c0), low0 = S.IntMulLow(m0, c0), high1 = S.IntMulHigh(m1, c2), low1 = S.IntMulLow(m1, c2);
            (c0, c1, c2, c3) = (S.Xor(S.Xor(high1, c1), S.IntBroadcast(k0)), low1, S.Xor(S.Xor(high0, c3), S.IntBroadcast(k1)), low0);
            unchecked
            {
                k0 += Philox4x32.Weyl0;
                k1 += Philox4x32.Weyl1;
            }
        }
        return c0;
    }
}
