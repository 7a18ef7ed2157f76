using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Ogong.Signatures;

/// <summary>Reductions, high-order and low-order parts, and hints (FIPS 204, section 7.4), eight coefficients at a time.</summary>
/// <remarks>Spans are polynomials or vectors of them: multiples of eight coefficients. Nothing branches on a coefficient.</remarks>
internal static class Rounding
{
    private const int Gamma2 = MLDsa44.Gamma2;
    private const int Width = 8;

    /// <summary>(t, t0) := Power2Round(t): t = t1 · 2^13 + t0 with −2^12 &lt; t0 ≤ 2^12, for 0 ≤ t &lt; q; t becomes t1.</summary>
    public static void Power2Round(Span<int> t, Span<int> t0)
    {
        for (var i = 0; i < t.Length; i += Width)
        {
            var r = Load(t, i);
            var high = (r + Vector256.Create((1 << (MLDsa44.D - 1)) - 1)) >> MLDsa44.D;
            Store(r - (high << MLDsa44.D), t0, i);
            Store(high, t, i);
        }
    }

    /// <summary>(w1, w0) := Decompose(w mod q) for −q &lt; w &lt; q; w becomes w0.</summary>
    public static void Decompose(Span<int> w, Span<int> w1)
    {
        for (var i = 0; i < w.Length; i += Width)
        {
            Store(Decompose(AddQIfNegative(Load(w, i)), out var low), w1, i);
            Store(low, w, i);
        }
    }

    /// <summary>w := UseHint(h, w mod q) for −q &lt; w &lt; q: the high part of w, moved by one where the hint is one.</summary>
    public static void UseHint(ReadOnlySpan<int> hint, Span<int> w)
    {
        for (var i = 0; i < w.Length; i += Width)
        {
            var high = Decompose(AddQIfNegative(Load(w, i)), out var low);
            var step = Vector256.ConditionalSelect(Vector256.GreaterThan(low, Vector256<int>.Zero), Vector256<int>.One, -Vector256<int>.One);
            var moved = high + (step & -Load(hint, i));
            moved &= ~Vector256.Equals(moved, Vector256.Create(44));                // 43 + 1 = 0
            moved += Vector256.Create(44) & (moved >> 31);                          // 0 − 1 = 43
            Store(moved, w, i);
        }
    }

    /// <summary>h := MakeHint, one where adding c·t0 to w − c·s2 changes the high bits; returns the number of ones.</summary>
    /// <param name="low">w0 − c·s2 + c·t0.</param>
    /// <param name="high">w1 = HighBits(w).</param>
    /// <param name="hint">Receives zeros and ones.</param>
    public static int MakeHint(ReadOnlySpan<int> low, ReadOnlySpan<int> high, Span<int> hint)
    {
        var count = Vector256<int>.Zero;
        for (var i = 0; i < low.Length; i += Width)
        {
            var r0 = Load(low, i);
            var outside = Vector256.GreaterThan(r0, Vector256.Create(Gamma2)) | Vector256.LessThan(r0, Vector256.Create(-Gamma2));
            // −γ2 rounds down a step, except where the high part is 0: there q − 1 belongs to 0 too.
            var edge = Vector256.AndNot(Vector256.Equals(r0, Vector256.Create(-Gamma2)), Vector256.Equals(Load(high, i), Vector256<int>.Zero));
            var ones = -(outside | edge);
            Store(ones, hint, i);
            count += ones;
        }
        return Vector256.Sum(count);
    }

    /// <summary>True when some |v[i]| ≥ bound. Reads every coefficient whatever it finds.</summary>
    public static bool NormReaches(ReadOnlySpan<int> vector, int bound)
    {
        var reached = Vector256<int>.Zero;
        for (var i = 0; i < vector.Length; i += Width)
            reached |= Vector256.GreaterThan(Vector256.Abs(Load(vector, i)), Vector256.Create(bound - 1));
        return reached != Vector256<int>.Zero;
    }

    /// <summary>a := a + b, congruent and centred: in [−6283008, 6283008], and the exact value where that is below 2^20.</summary>
    public static void AddReduced(Span<int> a, ReadOnlySpan<int> b)
    {
        for (var i = 0; i < a.Length; i += Width)
            Store(Reduce(Load(a, i) + Load(b, i)), a, i);
    }

    /// <summary>a := a − b, as <see cref="AddReduced"/>.</summary>
    public static void SubtractReduced(Span<int> a, ReadOnlySpan<int> b)
    {
        for (var i = 0; i < a.Length; i += Width)
            Store(Reduce(Load(a, i) - Load(b, i)), a, i);
    }

    /// <summary>a := a + b in [0, q), for −q &lt; a &lt; q and |b| &lt; q.</summary>
    public static void AddCanonical(Span<int> a, ReadOnlySpan<int> b)
    {
        var q = Vector256.Create(MLDsa44.Q);
        for (var i = 0; i < a.Length; i += Width)
            Store(AddQIfNegative(AddQIfNegative(AddQIfNegative(Load(a, i)) + Load(b, i)) - q), a, i);
    }

    /// <summary>Congruent to a in [−6283008, 6283008], for |a| &lt; 2^31 − 2^22: subtracts q · ⌊(a + 2^22) / 2^23⌋.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Reduce(Vector256<int> a) => a - (((a + Vector256.Create(1 << 22)) >> 23) * MLDsa44.Q);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> AddQIfNegative(Vector256<int> a) => a + ((a >> 31) & Vector256.Create(MLDsa44.Q));

    /// <summary>r ≡ r1 · 2γ2 + r0 mod q with 0 ≤ r1 &lt; 44 and −γ2 ≤ r0 ≤ γ2, for 0 ≤ r &lt; q.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Decompose(Vector256<int> r, out Vector256<int> r0)
    {
        // ⌈r / 128⌉ · 11275 / 2^24 rounds r / 190464 to the nearest integer; 44 stands for q − 1 and wraps to 0, which leaves r0 = r − q.
        var r1 = (r + Vector256.Create(127)) >> 7;
        r1 = ((r1 * 11275) + Vector256.Create(1 << 23)) >> 24;
        r1 &= ~Vector256.Equals(r1, Vector256.Create(44));
        r0 = r - (r1 * (2 * Gamma2));
        r0 -= Vector256.GreaterThan(r0, Vector256.Create((MLDsa44.Q - 1) / 2)) & Vector256.Create(MLDsa44.Q);
        return r1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Load(ReadOnlySpan<int> span, int i) => Vector256.Create(span.Slice(i, Width));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<int> vector, Span<int> span, int i) => vector.CopyTo(span.Slice(i, Width));
}
