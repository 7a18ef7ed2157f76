using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Ogong.Signatures;

/// <summary>The transforms and products of <see cref="Ntt"/> with 256-bit vectors, to the same bits.</summary>
/// <remarks>Levels of length 8 and more pair whole vectors. For lengths 4, 2 and 1 each 64 coefficients are transposed as an 8×8 matrix, so that vector i holds
/// coefficients i, 8 + i, … 56 + i and the pairs are vectors again, each lane with its own zeta.</remarks>
internal static class NttAvx2
{
    private const int Width = 8;
    private const int GroupLength = Width * Width;
    private const int GroupZetas = 7 * Width; // one vector for length 4, two for length 2, four for length 1

    private static readonly int[] ForwardTail = MakeTail(forward: true);
    private static readonly int[] InverseTail = MakeTail(forward: false);

    public static void Forward(Span<int> poly)
    {
        ref var w = ref MemoryMarshal.GetReference(poly);
        var k = 0;
        for (var length = 128; length >= Width; length >>= 1)
        {
            for (var start = 0; start < MLDsa44.N; start += 2 * length)
            {
                var zeta = Vector256.Create(Ntt.Zetas[++k]);
                for (var j = start; j < start + length; j += Width)
                {
                    var a = At(ref w, j);
                    var b = At(ref w, j + length);
                    ForwardButterfly(ref a, ref b, zeta);
                    a.StoreUnsafe(ref w, (nuint)j);
                    b.StoreUnsafe(ref w, (nuint)(j + length));
                }
            }
        }
        ref var zetas = ref MemoryMarshal.GetArrayDataReference(ForwardTail);
        for (var group = 0; group < MLDsa44.N; group += GroupLength)
        {
            ref var g = ref Unsafe.Add(ref w, group);
            ref var z = ref Unsafe.Add(ref zetas, group / GroupLength * GroupZetas);
            Load(ref g, out var v0, out var v1, out var v2, out var v3, out var v4, out var v5, out var v6, out var v7);
            Transpose(ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7);
            var zeta = At(ref z, 0);
            ForwardButterfly(ref v0, ref v4, zeta);
            ForwardButterfly(ref v1, ref v5, zeta);
            ForwardButterfly(ref v2, ref v6, zeta);
            ForwardButterfly(ref v3, ref v7, zeta);
            zeta = At(ref z, 8);
            ForwardButterfly(ref v0, ref v2, zeta);
            ForwardButterfly(ref v1, ref v3, zeta);
            zeta = At(ref z, 16);
            ForwardButterfly(ref v4, ref v6, zeta);
            ForwardButterfly(ref v5, ref v7, zeta);
            ForwardButterfly(ref v0, ref v1, At(ref z, 24));
            ForwardButterfly(ref v2, ref v3, At(ref z, 32));
            ForwardButterfly(ref v4, ref v5, At(ref z, 40));
            ForwardButterfly(ref v6, ref v7, At(ref z, 48));
            Transpose(ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7);
            Store(ref g, v0, v1, v2, v3, v4, v5, v6, v7);
        }
    }

    public static void Inverse(Span<int> poly)
    {
        ref var w = ref MemoryMarshal.GetReference(poly);
        ref var zetas = ref MemoryMarshal.GetArrayDataReference(InverseTail);
        for (var group = 0; group < MLDsa44.N; group += GroupLength)
        {
            ref var g = ref Unsafe.Add(ref w, group);
            ref var z = ref Unsafe.Add(ref zetas, group / GroupLength * GroupZetas);
            Load(ref g, out var v0, out var v1, out var v2, out var v3, out var v4, out var v5, out var v6, out var v7);
            Transpose(ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7);
            InverseButterfly(ref v0, ref v1, At(ref z, 24));
            InverseButterfly(ref v2, ref v3, At(ref z, 32));
            InverseButterfly(ref v4, ref v5, At(ref z, 40));
            InverseButterfly(ref v6, ref v7, At(ref z, 48));
            var zeta = At(ref z, 8);
            InverseButterfly(ref v0, ref v2, zeta);
            InverseButterfly(ref v1, ref v3, zeta);
            zeta = At(ref z, 16);
            InverseButterfly(ref v4, ref v6, zeta);
            InverseButterfly(ref v5, ref v7, zeta);
            zeta = At(ref z, 0);
            InverseButterfly(ref v0, ref v4, zeta);
            InverseButterfly(ref v1, ref v5, zeta);
            InverseButterfly(ref v2, ref v6, zeta);
            InverseButterfly(ref v3, ref v7, zeta);
            Transpose(ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7);
            Store(ref g, v0, v1, v2, v3, v4, v5, v6, v7);
        }
        var k = 32;
        for (var length = Width; length < MLDsa44.N; length <<= 1)
        {
            for (var start = 0; start < MLDsa44.N; start += 2 * length)
            {
                var zeta = Vector256.Create(-Ntt.Zetas[--k]);
                for (var j = start; j < start + length; j += Width)
                {
                    var a = At(ref w, j);
                    var b = At(ref w, j + length);
                    InverseButterfly(ref a, ref b, zeta);
                    a.StoreUnsafe(ref w, (nuint)j);
                    b.StoreUnsafe(ref w, (nuint)(j + length));
                }
            }
        }
        var scale = Vector256.Create(Ntt.InverseScale);
        for (var j = 0; j < MLDsa44.N; j += Width)
            Multiply(At(ref w, j), scale).StoreUnsafe(ref w, (nuint)j);
    }

    public static void Dot(ReadOnlySpan<int> row, ReadOnlySpan<int> v, Span<int> result)
    {
        ref var a = ref MemoryMarshal.GetReference(row);
        ref var b = ref MemoryMarshal.GetReference(v);
        for (var j = 0; j < MLDsa44.N; j += Width)
        {
            var even = Vector256<long>.Zero;
            var odd = Vector256<long>.Zero;
            for (var i = j; i < row.Length; i += MLDsa44.N)
            {
                var x = At(ref a, i);
                var y = At(ref b, i);
                even += Avx2.Multiply(x, y);
                odd += Avx2.Multiply(Odd(x), Odd(y));
            }
            Reduce(even, odd).CopyTo(result[j..]);
        }
    }

    /// <summary>a := a + zeta·b, b := a − zeta·b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ForwardButterfly(ref Vector256<int> a, ref Vector256<int> b, Vector256<int> zeta)
    {
        var t = Multiply(b, zeta);
        b = a - t;
        a += t;
    }

    /// <summary>a := a + b, b := zeta·(a − b).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InverseButterfly(ref Vector256<int> a, ref Vector256<int> b, Vector256<int> zeta)
    {
        var t = a - b;
        a += b;
        b = Multiply(t, zeta);
    }

    /// <summary>a · b · 2^-32 mod q, as <see cref="Ntt.MontgomeryReduce"/> gives it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Multiply(Vector256<int> a, Vector256<int> b) => Reduce(Avx2.Multiply(a, b), Avx2.Multiply(Odd(a), Odd(b)));

    /// <summary>Reduces eight 64-bit values, the even coefficients' and the odd ones'.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Reduce(Vector256<long> even, Vector256<long> odd)
    {
        var q = Vector256.Create(MLDsa44.Q);
        var inverse = Vector256.Create(Ntt.QInverse);
        even -= Avx2.Multiply(Avx2.Multiply(even.AsInt32(), inverse).AsInt32(), q);
        odd -= Avx2.Multiply(Avx2.Multiply(odd.AsInt32(), inverse).AsInt32(), q);
        return Avx2.Blend(Odd(even.AsInt32()), odd.AsInt32(), 0b10101010);
    }

    /// <summary>The odd lanes, where a multiplication reads: on the even ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Odd(Vector256<int> a) => Avx2.ShiftRightLogical(a.AsUInt64(), 32).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> At(ref int start, int i) => Vector256.LoadUnsafe(ref start, (nuint)i);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load(
        ref int g, out Vector256<int> v0, out Vector256<int> v1, out Vector256<int> v2, out Vector256<int> v3,
        out Vector256<int> v4, out Vector256<int> v5, out Vector256<int> v6, out Vector256<int> v7)
    {
        v0 = At(ref g, 0);
        v1 = At(ref g, 8);
        v2 = At(ref g, 16);
        v3 = At(ref g, 24);
        v4 = At(ref g, 32);
        v5 = At(ref g, 40);
        v6 = At(ref g, 48);
        v7 = At(ref g, 56);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(
        ref int g, Vector256<int> v0, Vector256<int> v1, Vector256<int> v2, Vector256<int> v3,
        Vector256<int> v4, Vector256<int> v5, Vector256<int> v6, Vector256<int> v7)
    {
        v0.StoreUnsafe(ref g, 0);
        v1.StoreUnsafe(ref g, 8);
        v2.StoreUnsafe(ref g, 16);
        v3.StoreUnsafe(ref g, 24);
        v4.StoreUnsafe(ref g, 32);
        v5.StoreUnsafe(ref g, 40);
        v6.StoreUnsafe(ref g, 48);
        v7.StoreUnsafe(ref g, 56);
    }

    /// <summary>Transposes an 8×8 matrix: 2×2 blocks of lanes, then of pairs, then of halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(
        ref Vector256<int> v0, ref Vector256<int> v1, ref Vector256<int> v2, ref Vector256<int> v3,
        ref Vector256<int> v4, ref Vector256<int> v5, ref Vector256<int> v6, ref Vector256<int> v7)
    {
        var a0 = Avx2.UnpackLow(v0, v1).AsInt64();
        var a1 = Avx2.UnpackHigh(v0, v1).AsInt64();
        var a2 = Avx2.UnpackLow(v2, v3).AsInt64();
        var a3 = Avx2.UnpackHigh(v2, v3).AsInt64();
        var a4 = Avx2.UnpackLow(v4, v5).AsInt64();
        var a5 = Avx2.UnpackHigh(v4, v5).AsInt64();
        var a6 = Avx2.UnpackLow(v6, v7).AsInt64();
        var a7 = Avx2.UnpackHigh(v6, v7).AsInt64();
        var b0 = Avx2.UnpackLow(a0, a2).AsInt32();
        var b1 = Avx2.UnpackHigh(a0, a2).AsInt32();
        var b2 = Avx2.UnpackLow(a1, a3).AsInt32();
        var b3 = Avx2.UnpackHigh(a1, a3).AsInt32();
        var b4 = Avx2.UnpackLow(a4, a6).AsInt32();
        var b5 = Avx2.UnpackHigh(a4, a6).AsInt32();
        var b6 = Avx2.UnpackLow(a5, a7).AsInt32();
        var b7 = Avx2.UnpackHigh(a5, a7).AsInt32();
        v0 = Avx2.Permute2x128(b0, b4, 0x20);
        v1 = Avx2.Permute2x128(b1, b5, 0x20);
        v2 = Avx2.Permute2x128(b2, b6, 0x20);
        v3 = Avx2.Permute2x128(b3, b7, 0x20);
        v4 = Avx2.Permute2x128(b0, b4, 0x31);
        v5 = Avx2.Permute2x128(b1, b5, 0x31);
        v6 = Avx2.Permute2x128(b2, b6, 0x31);
        v7 = Avx2.Permute2x128(b3, b7, 0x31);
    }

    /// <summary>The zetas of lengths 4, 2 and 1 in the order the transposed groups read them.</summary>
    private static int[] MakeTail(bool forward)
    {
        var tail = new int[MLDsa44.N / GroupLength * GroupZetas];
        var at = 0;
        for (var group = 0; group < MLDsa44.N / GroupLength; group++)
        {
            for (var blocks = 1; blocks <= 4; blocks *= 2) // blocks of 8 / blocks coefficients in each eight
            {
                for (var block = 0; block < blocks; block++)
                {
                    for (var lane = 0; lane < Width; lane++)
                    {
                        var index = (blocks * ((Width * group) + lane)) + block;
                        tail[at++] = forward ? Ntt.Zetas[(32 * blocks) + index] : -Ntt.Zetas[(64 * blocks) - 1 - index];
                    }
                }
            }
        }
        return tail;
    }
}
