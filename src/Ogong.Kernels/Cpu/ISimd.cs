namespace Ogong.Kernels.Cpu;

/// <summary>
/// Vectors of <see cref="Count"/> binary32 lanes at one width, so that a kernel is written once for 512, 256 and 128 bits and for scalar
/// code.
/// Every lane computes exactly what scalar code computes; only <see cref="TreeSum"/> and <see cref="LargestLane"/> cross lanes. Members
/// named <c>Int…</c> and the shifts read the lanes as 32-bit patterns.
/// </summary>
internal unsafe interface ISimd<V> where V : unmanaged
{
    /// <summary>Lanes: 16, 8, 4 or 1.</summary>
    static abstract int Count { get; }

    static abstract V Broadcast(float value);

    static abstract V IntBroadcast(uint value);

    /// <summary>The integers 0 … Count − 1.</summary>
    static abstract V Iota { get; }

    static abstract V Load(float* source);

    static abstract void Store(V value, float* destination);

    static abstract V Add(V a, V b);

    static abstract V Sub(V a, V b);

    static abstract V Mul(V a, V b);

    static abstract V Div(V a, V b);

    /// <summary>a·b + c, rounded once.</summary>
    static abstract V Fma(V a, V b, V c);

    /// <summary>The larger of each pair; unspecified which of +0 and −0, and where one is NaN.</summary>
    static abstract V Max(V a, V b);

    /// <summary>All ones in the lanes where a &lt; b; a NaN compares false.</summary>
    static abstract V LessThan(V a, V b);

    /// <summary><paramref name="whenSet"/> in the lanes where the mask is all ones, else <paramref name="otherwise"/>.</summary>
    static abstract V Select(V mask, V whenSet, V otherwise);

    /// <summary>The top bit of each lane, lane 0 in bit 0.</summary>
    static abstract uint SignBits(V value);

    static abstract V And(V a, V b);

    static abstract V Or(V a, V b);

    static abstract V Xor(V a, V b);

    static abstract V IntAdd(V a, V b);

    static abstract V IntSub(V a, V b);

    /// <summary>Low 32 bits of the product of each unsigned pair.</summary>
    static abstract V IntMulLow(V a, V b);

    /// <summary>High 32 bits of the product of each unsigned pair.</summary>
    static abstract V IntMulHigh(V a, V b);

    static abstract V ShiftLeft(V value, int count);

    static abstract V ShiftRight(V value, int count);

    static abstract V ShiftRightArithmetic(V value, int count);

    /// <summary>Signed integer lanes to binary32.</summary>
    static abstract V IntToFloat(V value);

    /// <summary>Into how many parts <see cref="IntDot"/> divides a lane: 4 bytes, those of w unsigned, or 2 signed halves.</summary>
    static abstract int DotParts { get; }

    /// <summary>sum + Σ w·x over the parts of each lane, exact as long as the sum is.</summary>
    static abstract V IntDot(V sum, V w, V x);

    /// <summary>
    /// In either half of each lane sum + w₀·x₀ + w₁·x₁ over its two bytes, those of w unsigned and of x signed. The products together must fit
    /// 16 bits; the sum wraps around.
    /// </summary>
    static abstract V HalfDot(V sum, V w, V x);

    /// <summary>lane[j] = add(lane[j], lane[j + m]) for m = Count/2 … 1; the last lane standing.</summary>
    static abstract float TreeSum(V value);

    /// <summary>The largest lane; unspecified which of +0 and −0, and where a lane is NaN.</summary>
    static abstract float LargestLane(V value);
}
