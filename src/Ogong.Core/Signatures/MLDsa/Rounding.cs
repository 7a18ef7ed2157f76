using System.Runtime.CompilerServices;

namespace Ogong.Signatures;

/// <summary>High-order and low-order parts and hints (FIPS 204, section 7.4), without branches on coefficients.</summary>
internal static class Rounding
{
    /// <summary>r = r1 · 2^13 + r0 with −2^12 &lt; r0 ≤ 2^12, for 0 ≤ r &lt; q (Power2Round).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Power2Round(int r, out int r0)
    {
        unchecked
        {
            var r1 = (r + (1 << (MLDsa44.D - 1)) - 1) >> MLDsa44.D;
            r0 = r - (r1 << MLDsa44.D);
            return r1;
        }
    }

    /// <summary>r ≡ r1 · 2γ2 + r0 mod q with 0 ≤ r1 &lt; 44 and −γ2 ≤ r0 ≤ γ2, for 0 ≤ r &lt; q (Decompose).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Decompose(int r, out int r0)
    {
        unchecked
        {
            // ⌈r / 128⌉ · 11275 / 2^24 rounds r / 190464 to the nearest integer; 44 stands for q − 1 and wraps to 0.
            var r1 = (r + 127) >> 7;
            r1 = ((r1 * 11275) + (1 << 23)) >> 24;
            r1 ^= ((43 - r1) >> 31) & r1;
            r0 = r - (r1 * 2 * MLDsa44.Gamma2);
            r0 -= (((MLDsa44.Q - 1) / 2 - r0) >> 31) & MLDsa44.Q;
            return r1;
        }
    }

    /// <summary>One where adding ct0 to w − cs2 changes the high bits, given r0 = low part of (w − cs2) + ct0 and r1 = HighBits(w) (MakeHint).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int MakeHint(int r0, int r1)
    {
        unchecked
        {
            const int gamma2 = MLDsa44.Gamma2;
            var above = (gamma2 - r0) >> 31;                         // r0 > γ2
            var below = (r0 + gamma2) >> 31;                         // r0 < −γ2
            var edge = ~NonZeroMask(r0 + gamma2) & NonZeroMask(r1);  // r0 = −γ2 rounds up, except into r1 = 0
            return (above | below | edge) & 1;
        }
    }

    /// <summary>The high part of r, moved by one where the hint says so (UseHint).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int UseHint(int hint, int r)
    {
        unchecked
        {
            var r1 = Decompose(r, out var r0);
            var step = r0 > 0 ? 1 : -1;
            var moved = r1 + (hint * step);
            if (moved == 44)
                return 0;
            return moved < 0 ? 43 : moved;
        }
    }

    /// <summary>True when some |v[i]| ≥ bound. Reads every coefficient whatever it finds; |v[i]| &lt; 2^31 − bound.</summary>
    public static bool NormReaches(ReadOnlySpan<int> vector, int bound)
    {
        unchecked
        {
            var reached = 0;
            foreach (var v in vector)
            {
                var absolute = (v ^ (v >> 31)) - (v >> 31);
                reached |= bound - 1 - absolute;
            }
            return reached < 0;
        }
    }

    private static int NonZeroMask(int x) => unchecked((x | -x) >> 31);
}
