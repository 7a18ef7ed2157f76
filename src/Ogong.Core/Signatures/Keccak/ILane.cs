using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Ogong.Signatures;

/// <summary>What the permutation asks of a lane type: one 64-bit lane, or the same lane of several independent states side by side.</summary>
internal interface ILane<T>
    where T : unmanaged
{
    /// <summary>a ⊕ b.</summary>
    static abstract T Xor(T a, T b);

    /// <summary>a ⊕ b ⊕ c ⊕ d ⊕ e, the column parity of θ.</summary>
    static abstract T Parity(T a, T b, T c, T d, T e);

    /// <summary>a ⊕ (¬b ∧ c), the step χ.</summary>
    static abstract T Chi(T a, T b, T c);

    /// <summary>a rotated left by n bits, 0 &lt; n &lt; 64.</summary>
    static abstract T RotateLeft(T a, [ConstantExpected] byte n);

    /// <summary>The value in every state.</summary>
    static abstract T Broadcast(ulong value);
}

/// <summary>Three-input functions as AVX-512 takes them.</summary>
internal static class TruthTable
{
    /// <summary>a ⊕ b ⊕ c.</summary>
    public const byte XorXor = 0x96;

    /// <summary>a ⊕ (¬b ∧ c).</summary>
    public const byte XorAndNot = 0xD2;
}

/// <summary>One state.</summary>
internal readonly struct Lane1 : ILane<ulong>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Xor(ulong a, ulong b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Parity(ulong a, ulong b, ulong c, ulong d, ulong e) => a ^ b ^ c ^ d ^ e;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Chi(ulong a, ulong b, ulong c) => a ^ (~b & c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong RotateLeft(ulong a, [ConstantExpected] byte n) => BitOperations.RotateLeft(a, n);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Broadcast(ulong value) => value;
}

/// <summary>Four states. Correct on any machine; worth using where 256-bit vectors are hardware.</summary>
internal readonly struct Lane4 : ILane<Vector256<ulong>>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> Xor(Vector256<ulong> a, Vector256<ulong> b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> Parity(
        Vector256<ulong> a, Vector256<ulong> b, Vector256<ulong> c, Vector256<ulong> d, Vector256<ulong> e) =>
        Avx512F.VL.IsSupported
            ? Avx512F.VL.TernaryLogic(Avx512F.VL.TernaryLogic(a, b, c, TruthTable.XorXor), d, e, TruthTable.XorXor)
            : a ^ b ^ c ^ d ^ e;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> Chi(Vector256<ulong> a, Vector256<ulong> b, Vector256<ulong> c) =>
        Avx512F.VL.IsSupported ? Avx512F.VL.TernaryLogic(a, b, c, TruthTable.XorAndNot) : a ^ Vector256.AndNot(c, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> RotateLeft(Vector256<ulong> a, [ConstantExpected] byte n) =>
        Avx512F.VL.IsSupported ? Avx512F.VL.RotateLeft(a, n) : Vector256.ShiftLeft(a, n) | Vector256.ShiftRightLogical(a, 64 - n);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> Broadcast(ulong value) => Vector256.Create(value);
}

/// <summary>Eight states, with the rotate and the three-input logic of AVX-512. Only where <see cref="Avx512F"/> is supported.</summary>
internal readonly struct Lane8 : ILane<Vector512<ulong>>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> Xor(Vector512<ulong> a, Vector512<ulong> b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> Parity(
        Vector512<ulong> a, Vector512<ulong> b, Vector512<ulong> c, Vector512<ulong> d, Vector512<ulong> e) =>
        Avx512F.TernaryLogic(Avx512F.TernaryLogic(a, b, c, TruthTable.XorXor), d, e, TruthTable.XorXor);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> Chi(Vector512<ulong> a, Vector512<ulong> b, Vector512<ulong> c) =>
        Avx512F.TernaryLogic(a, b, c, TruthTable.XorAndNot);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> RotateLeft(Vector512<ulong> a, [ConstantExpected] byte n) => Avx512F.RotateLeft(a, n);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> Broadcast(ulong value) => Vector512.Create(value);
}
