using System.Runtime.CompilerServices;
using Ogong.Numerics;

namespace Ogong.Kernels.Cpu;

/// <summary>The steps of <see cref="ExactMath"/> and <see cref="Reductions"/> on vectors: the same bits in every lane.</summary>
internal static unsafe class VectorMath
{
    /// <summary>eˣ, as <see cref="ExactMath.Exp"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp<S, V>(V x) where S : struct, ISimd<V> where V : unmanaged
    {
        V highest = S.Broadcast(ExactMath.ExpHighest), shift = S.Broadcast(ExactMath.RoundingShift);
        V tooLow = S.LessThan(x, S.Broadcast(ExactMath.ExpLowest));
        x = S.Select(S.LessThan(highest, x), highest, x);
        V shifted = S.Fma(x, S.Broadcast(ExactMath.Log2E), shift);
        V n = S.Sub(shifted, shift);
        V r = S.Fma(n, S.Broadcast(-ExactMath.Ln2Low), S.Fma(n, S.Broadcast(-ExactMath.Ln2High), x));
        V p = S.Broadcast(ExactMath.Exp6);
        p = S.Fma(p, r, S.Broadcast(ExactMath.Exp5));
        p = S.Fma(p, r, S.Broadcast(ExactMath.Exp4));
        p = S.Fma(p, r, S.Broadcast(ExactMath.Exp3));
        p = S.Fma(p, r, S.Broadcast(ExactMath.Exp2));
        p = S.Fma(p, r, S.Broadcast(ExactMath.Exp1));
        p = S.Fma(p, r, S.Broadcast(ExactMath.Exp0));
        // n is in the low bits of the shifted value; (n + 127) << 23 is the binary32 2^n.
        V power = S.IntAdd(S.ShiftLeft(shifted, 23), S.Broadcast(1f));
        return S.Select(tooLow, S.Broadcast(0f), S.Mul(p, power));
    }

    /// <summary>ln x for positive normal finite x, as <see cref="ExactMath.Log"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LogOfNormal<S, V>(V x) where S : struct, ISimd<V> where V : unmanaged
    {
        V sqrtHalf = S.IntBroadcast(ExactMath.SqrtHalfBits);
        V bits = S.IntSub(x, sqrtHalf);
        V e = S.IntToFloat(S.ShiftRightArithmetic(bits, 23));
        V f = S.Sub(S.IntAdd(S.And(bits, S.IntBroadcast(0x7F_FFFF)), sqrtHalf), S.Broadcast(1f));
        V p = S.Broadcast(ExactMath.Log8);
        p = S.Fma(p, f, S.Broadcast(ExactMath.Log7));
        p = S.Fma(p, f, S.Broadcast(ExactMath.Log6));
        p = S.Fma(p, f, S.Broadcast(ExactMath.Log5));
        p = S.Fma(p, f, S.Broadcast(ExactMath.Log4));
        p = S.Fma(p, f, S.Broadcast(ExactMath.Log3));
        p = S.Fma(p, f, S.Broadcast(ExactMath.Log2));
        p = S.Fma(p, f, S.Broadcast(ExactMath.Log1));
        p = S.Fma(p, f, S.Broadcast(ExactMath.Log0));
        V square = S.Mul(f, f);
        V y = S.Fma(e, S.Broadcast(ExactMath.Ln2Low), S.Mul(S.Mul(square, f), p));
        y = S.Add(f, S.Fma(S.Broadcast(-0.5f), square, y));
        return S.Fma(e, S.Broadcast(ExactMath.Ln2High), y);
    }

    /// <summary>One chunk's tree over 256 floats (absent ones +0), as <see cref="Reductions.TreeSum256"/>.</summary>
    public static float TreeSum256<S, V>(float* values) where S : struct, ISimd<V> where V : unmanaged
    {
        if (S.Count == 16) return S.TreeSum(FoldTo16<S, V>(values));
        float* lanes = stackalloc float[16];
        for (int j = 0; j < 16; j += S.Count) S.Store(FoldTo16<S, V>(values + j), lanes + j);
        for (int m = 8; m >= S.Count; m /= 2)
            for (int j = 0; j < m; j += S.Count)
                S.Store(S.Add(S.Load(lanes + j), S.Load(lanes + j + m)), lanes + j);
        return S.TreeSum(S.Load(lanes));
    }

    /// <summary>The tree's levels m = 128, 64, 32 and 16 for the lanes from <paramref name="p"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V FoldTo16<S, V>(float* p) where S : struct, ISimd<V> where V : unmanaged
    {
        V f0 = S.Add(S.Load(p), S.Load(p + 128)), f4 = S.Add(S.Load(p + 64), S.Load(p + 192));
        V f1 = S.Add(S.Load(p + 16), S.Load(p + 144)), f5 = S.Add(S.Load(p + 80), S.Load(p + 208));
        V f2 = S.Add(S.Load(p + 32), S.Load(p + 160)), f6 = S.Add(S.Load(p + 96), S.Load(p + 224));
        V f3 = S.Add(S.Load(p + 48), S.Load(p + 176)), f7 = S.Add(S.Load(p + 112), S.Load(p + 240));
        V g0 = S.Add(f0, f4), g1 = S.Add(f1, f5), g2 = S.Add(f2, f6), g3 = S.Add(f3, f7);
        return S.Add(S.Add(g0, g2), S.Add(g1, g3));
    }
}
