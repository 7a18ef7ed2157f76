using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Ogong.Signatures;

/// <summary>Arithmetic in Z_q[X]/(X^256 + 1) by the number-theoretic transform (FIPS 204, section 7.5 and 7.6).</summary>
/// <remarks>Products carry a factor 2^-32 (Montgomery), which <see cref="Inverse"/> removes, so a transform is never "in Montgomery form".
/// No branch and no index depends on a coefficient.</remarks>
internal static class Ntt
{
    internal const int QInverse = 58728449;  // q^-1 mod 2^32
    internal const int InverseScale = 41978; // 2^64 / 256 mod q

    // zetas[i] = 1753^bitreverse8(i) · 2^32 mod q, centred
    internal static readonly int[] Zetas = MakeZetas();

    /// <summary>a · 2^-32 mod q, in (−q, q), for |a| ≤ 2^31 · q.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int MontgomeryReduce(long a) =>
        unchecked((int)((a - (long)((int)a * QInverse) * MLDsa44.Q) >> 32));

    /// <summary>Forward transform of every polynomial in place. |input| &lt; q gives |output| &lt; 9q.</summary>
    public static void Forward(Span<int> vector)
    {
        for (var i = 0; i < vector.Length; i += MLDsa44.N)
        {
            if (Avx2.IsSupported)
                NttAvx2.Forward(vector.Slice(i, MLDsa44.N));
            else
                ForwardScalar(vector.Slice(i, MLDsa44.N));
        }
    }

    /// <summary>Inverse transform of every polynomial in place, times 2^32. |input| &lt; q gives |output| &lt; q.</summary>
    public static void Inverse(Span<int> vector)
    {
        for (var i = 0; i < vector.Length; i += MLDsa44.N)
        {
            if (Avx2.IsSupported)
                NttAvx2.Inverse(vector.Slice(i, MLDsa44.N));
            else
                InverseScalar(vector.Slice(i, MLDsa44.N));
        }
    }

    internal static void ForwardScalar(Span<int> w)
    {
        unchecked
        {
            var k = 0;
            for (var length = 128; length >= 1; length >>= 1)
            {
                for (var start = 0; start < MLDsa44.N; start += 2 * length)
                {
                    long zeta = Zetas[++k];
                    for (var j = start; j < start + length; j++)
                    {
                        var t = MontgomeryReduce(zeta * w[j + length]);
                        w[j + length] = w[j] - t;
                        w[j] += t;
                    }
                }
            }
        }
    }

    internal static void InverseScalar(Span<int> w)
    {
        unchecked
        {
            var k = 256;
            for (var length = 1; length < MLDsa44.N; length <<= 1)
            {
                for (var start = 0; start < MLDsa44.N; start += 2 * length)
                {
                    long zeta = -Zetas[--k];
                    for (var j = start; j < start + length; j++)
                    {
                        var t = w[j];
                        w[j] = t + w[j + length]; // doubles at each of the 8 levels: 256q < 2^31
                        w[j + length] = MontgomeryReduce(zeta * (t - w[j + length]));
                    }
                }
            }
            for (var j = 0; j < MLDsa44.N; j++)
                w[j] = MontgomeryReduce((long)InverseScale * w[j]);
        }
    }

    /// <summary>result = (Σ row[i] ∘ v[i]) · 2^-32, summed in 64 bits and reduced once: below q. Σ |row·v| ≤ 2^31 · q.</summary>
    /// <param name="row">Polynomials, one after the other.</param>
    /// <param name="v">As many.</param>
    /// <param name="result">One polynomial.</param>
    public static void Dot(ReadOnlySpan<int> row, ReadOnlySpan<int> v, Span<int> result)
    {
        if (v.Length != row.Length || result.Length != MLDsa44.N)
            throw new ArgumentException("The vectors differ in length.");
        if (Avx2.IsSupported)
            NttAvx2.Dot(row, v, result);
        else
            DotScalar(row, v, result);
    }

    internal static void DotScalar(ReadOnlySpan<int> row, ReadOnlySpan<int> v, Span<int> result)
    {
        unchecked
        {
            for (var j = 0; j < MLDsa44.N; j++)
            {
                var sum = 0L;
                for (var i = j; i < row.Length; i += MLDsa44.N)
                    sum += (long)row[i] * v[i];
                result[j] = MontgomeryReduce(sum);
            }
        }
    }

    private static int[] MakeZetas()
    {
        unchecked
        {
            const long q = MLDsa44.Q;
            var zetas = new int[MLDsa44.N];
            var power = (1L << 32) % q;
            for (var i = 0; i < MLDsa44.N; i++)
            {
                var reversed = 0;
                for (var bit = 0; bit < 8; bit++)
                    reversed |= ((i >> bit) & 1) << (7 - bit);
                zetas[reversed] = (int)(power > q / 2 ? power - q : power);
                power = power * 1753 % q;
            }
            return zetas;
        }
    }
}
