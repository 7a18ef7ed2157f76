using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ogong.Numerics;

/// <summary>
/// Standard normal noise of diffusion, replayable from its seed: element i of a draw is a function of one Philox4x32-10 word, key = seed, counter = (⌊i/4⌋, draw, purpose tag, 0), output word i mod 4.
/// Profile <c>exact-1</c> defines it to the bit (docs/exact-arithmetic.md, "Normal noise"), so it is the same on every machine. Thread-safe.
/// </summary>
/// <remarks>
/// Inverse of the distribution function in the form of M. Giles, "Approximating the erfinv function" (GPU Computing Gems, 2011): with x in (0, 1) from 31 bits of the word and t = −ln(1 − x²),
/// |z| = √2·erfinv(x) = x·P(t) for a polynomial P, another one in √t where t is large. The sign is the 32nd bit. 2.3·10⁻¹⁰ &lt; |z| &lt; 6.24.
/// </remarks>
public static class NormalNoise
{
    /// <summary>The draw of a trajectory's initial noise; step s from 0 draws <c>s + 1</c>.</summary>
    public const uint InitialDraw = 0;

    /// <summary>Purpose tag: "NRML" in ASCII, first letter highest.</summary>
    internal const uint Tag = 0x4E52_4D4C;

    private const float CentreBelow = 6.25f, CentreOrigin = 3.125f, TailOrigin = 3.5f;
    private const float TwoToMinus30 = 1f / (1 << 30), TwoToMinus31 = TwoToMinus30 / 2, TwoToMinus32 = TwoToMinus30 / 4;
    private const int BlockLength = 1024;

    // √2·erfinv(x)/x by descending powers of t − 3.125, and of √t − 3.5.
    private static readonly float[] s_centre = Polynomial(
        0x3091_C2E9, 0xB1E2_25E5, 0xB325_3588, 0x3521_E781, 0xB601_6B05, 0xB7A4_CC10, 0x398A_6BB1, 0xBA89_4C29, 0xBC0B_CCF8, 0x3EAD_E4A2, 0x4015_ABF6);

    private static readonly float[] s_tail = Polynomial(
        0x379B_DA98, 0x384D_237E, 0xB9B0_8BE7, 0x3A2F_178C, 0xBA7A_92CC, 0x3AC7_F0E2, 0xBB3F_46AB, 0x3B97_EC00, 0x3FB6_5A6E, 0x4096_F265);

    /// <summary>Fills a draw from element 0 on.</summary>
    public static void Fill(ulong seed, uint draw, Span<float> values)
    {
        Span<uint> words = stackalloc uint[BlockLength];
        for (int first = 0; first < values.Length; first += BlockLength)
        {
            Span<float> part = values[first..Math.Min(first + BlockLength, values.Length)];
            for (int i = 0; i < part.Length; i += 4)
                (words[i], words[i + 1], words[i + 2], words[i + 3]) = Philox4x32.Generate(seed, (uint)(first + i) / 4, draw, Tag, 0);
            int done = FillVectors(words, part);
            for (int i = done; i < part.Length; i++) part[i] = FromWord(words[i]);
        }
    }

    /// <summary>The value of a random word.</summary>
    internal static float FromWord(uint word)
    {
        int k = (int)(word & int.MaxValue);
        float tail = (float)k + 0.5f, x = ((float)(int.MaxValue - k) + 0.5f) * TwoToMinus31;
        float t = -ExactMath.Log(tail * TwoToMinus30 * (1f - (tail * TwoToMinus32)));
        float p = t < CentreBelow ? Horner(s_centre, t - CentreOrigin) : Horner(s_tail, MathF.Sqrt(t) - TailOrigin);
        return BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(x * p) | (word & 0x8000_0000));
    }

    // The same operations on as many words as a vector holds; returns how many values are filled.
    private static int FillVectors(ReadOnlySpan<uint> words, Span<float> values)
    {
        if (!Vector.IsHardwareAccelerated) return 0;
        int filled = 0;
        for (; filled + Vector<float>.Count <= values.Length; filled += Vector<float>.Count)
        {
            var word = new Vector<uint>(words[filled..]);
            Vector<int> k = (word & new Vector<uint>(int.MaxValue)).As<uint, int>();
            Vector<float> half = new(0.5f), tail = Vector.ConvertToSingle(k) + half;
            Vector<float> x = (Vector.ConvertToSingle(new Vector<int>(int.MaxValue) - k) + half) * new Vector<float>(TwoToMinus31);
            Vector<float> t = -Log(tail * new Vector<float>(TwoToMinus30) * (Vector<float>.One - (tail * new Vector<float>(TwoToMinus32))));
            Vector<float> p = Horner(s_centre, t - new Vector<float>(CentreOrigin));
            var centre = Vector.LessThan(t, new Vector<float>(CentreBelow));
            if (centre != Vector<int>.AllBitsSet) p = Vector.ConditionalSelect(centre, p, Horner(s_tail, Vector.SquareRoot(t) - new Vector<float>(TailOrigin)));
            ((x * p).As<float, uint>() | (word & new Vector<uint>(0x8000_0000))).As<uint, float>().CopyTo(values[filled..]);
        }
        return filled;
    }

    // ExactMath.Log for normal numbers above 0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Log(Vector<float> value)
    {
        Vector<int> bits = value.As<float, int>() - new Vector<int>((int)ExactMath.SqrtHalfBits);
        Vector<float> e = Vector.ConvertToSingle(bits >> 23);
        Vector<float> f = ((bits & new Vector<int>(0x7F_FFFF)) + new Vector<int>((int)ExactMath.SqrtHalfBits)).As<int, float>() - Vector<float>.One;
        var p = new Vector<float>(ExactMath.Log8);
        p = Fma(p, f, new(ExactMath.Log7));
        p = Fma(p, f, new(ExactMath.Log6));
        p = Fma(p, f, new(ExactMath.Log5));
        p = Fma(p, f, new(ExactMath.Log4));
        p = Fma(p, f, new(ExactMath.Log3));
        p = Fma(p, f, new(ExactMath.Log2));
        p = Fma(p, f, new(ExactMath.Log1));
        p = Fma(p, f, new(ExactMath.Log0));
        Vector<float> square = f * f, y = Fma(e, new(ExactMath.Ln2Low), square * f * p);
        return Fma(e, new(ExactMath.Ln2High), f + Fma(new(-0.5f), square, y));
    }

    private static float Horner(float[] coefficients, float u)
    {
        float p = coefficients[0];
        for (int i = 1; i < coefficients.Length; i++) p = MathF.FusedMultiplyAdd(p, u, coefficients[i]);
        return p;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Horner(float[] coefficients, Vector<float> u)
    {
        var p = new Vector<float>(coefficients[0]);
        for (int i = 1; i < coefficients.Length; i++) p = Fma(p, u, new(coefficients[i]));
        return p;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Fma(Vector<float> x, Vector<float> y, Vector<float> z) => Vector.FusedMultiplyAdd(x, y, z);

    private static float[] Polynomial(params ReadOnlySpan<uint> patterns) => MemoryMarshal.Cast<uint, float>(patterns).ToArray();
}
