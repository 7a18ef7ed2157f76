using System.Runtime.CompilerServices;

namespace Ogong.Signatures;

/// <summary>The permutation Keccak-p[1600, 24] (FIPS 202, section 3), for one state or several side by side.</summary>
internal static class KeccakF1600
{
    /// <summary>Lanes of one state; lane (x, y) is at index x + 5y.</summary>
    public const int LaneCount = 25;

    private static ReadOnlySpan<ulong> RoundConstants =>
    [
        0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
        0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
        0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
        0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
        0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
        0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
    ];

    /// <summary>Permutes the state(s) whose first lane is <paramref name="state"/>: 25 lanes of <typeparamref name="T"/>.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Permute<T, TLane>(ref T state)
        where T : unmanaged
        where TLane : ILane<T>
    {
        // Lane (x, y) of FIPS 202 is a{x}{y}; b{x}{y} is its place after ρ and π.
        T a00 = Unsafe.Add(ref state, 0), a10 = Unsafe.Add(ref state, 1), a20 = Unsafe.Add(ref state, 2), a30 = Unsafe.Add(ref state, 3), a40 = Unsafe.Add(ref state, 4);
        T a01 = Unsafe.Add(ref state, 5), a11 = Unsafe.Add(ref state, 6), a21 = Unsafe.Add(ref state, 7), a31 = Unsafe.Add(ref state, 8), a41 = Unsafe.Add(ref state, 9);
        T a02 = Unsafe.Add(ref state, 10), a12 = Unsafe.Add(ref state, 11), a22 = Unsafe.Add(ref state, 12), a32 = Unsafe.Add(ref state, 13), a42 = Unsafe.Add(ref state, 14);
        T a03 = Unsafe.Add(ref state, 15), a13 = Unsafe.Add(ref state, 16), a23 = Unsafe.Add(ref state, 17), a33 = Unsafe.Add(ref state, 18), a43 = Unsafe.Add(ref state, 19);
        T a04 = Unsafe.Add(ref state, 20), a14 = Unsafe.Add(ref state, 21), a24 = Unsafe.Add(ref state, 22), a34 = Unsafe.Add(ref state, 23), a44 = Unsafe.Add(ref state, 24);

        foreach (var constant in RoundConstants)
        {
            // θ: a(x, y) ⊕= parity(column x−1) ⊕ rot(parity(column x+1), 1)
            var c0 = TLane.Parity(a00, a01, a02, a03, a04);
            var c1 = TLane.Parity(a10, a11, a12, a13, a14);
            var c2 = TLane.Parity(a20, a21, a22, a23, a24);
            var c3 = TLane.Parity(a30, a31, a32, a33, a34);
            var c4 = TLane.Parity(a40, a41, a42, a43, a44);
            var d0 = TLane.Xor(c4, TLane.RotateLeft(c1, 1));
            var d1 = TLane.Xor(c0, TLane.RotateLeft(c2, 1));
            var d2 = TLane.Xor(c1, TLane.RotateLeft(c3, 1));
            var d3 = TLane.Xor(c2, TLane.RotateLeft(c4, 1));
            var d4 = TLane.Xor(c3, TLane.RotateLeft(c0, 1));

            // ρ and π: b(y, 2x+3y) = rot(a(x, y), offset(x, y))
            var b00 = TLane.Xor(a00, d0);
            var b10 = TLane.RotateLeft(TLane.Xor(a11, d1), 44);
            var b20 = TLane.RotateLeft(TLane.Xor(a22, d2), 43);
            var b30 = TLane.RotateLeft(TLane.Xor(a33, d3), 21);
            var b40 = TLane.RotateLeft(TLane.Xor(a44, d4), 14);
            var b01 = TLane.RotateLeft(TLane.Xor(a30, d3), 28);
            var b11 = TLane.RotateLeft(TLane.Xor(a41, d4), 20);
            var b21 = TLane.RotateLeft(TLane.Xor(a02, d0), 3);
            var b31 = TLane.RotateLeft(TLane.Xor(a13, d1), 45);
            var b41 = TLane.RotateLeft(TLane.Xor(a24, d2), 61);
            var b02 = TLane.RotateLeft(TLane.Xor(a10, d1), 1);
            var b12 = TLane.RotateLeft(TLane.Xor(a21, d2), 6);
            var b22 = TLane.RotateLeft(TLane.Xor(a32, d3), 25);
            var b32 = TLane.RotateLeft(TLane.Xor(a43, d4), 8);
            var b42 = TLane.RotateLeft(TLane.Xor(a04, d0), 18);
            var b03 = TLane.RotateLeft(TLane.Xor(a40, d4), 27);
            var b13 = TLane.RotateLeft(TLane.Xor(a01, d0), 36);
            var b23 = TLane.RotateLeft(TLane.Xor(a12, d1), 10);
            var b33 = TLane.RotateLeft(TLane.Xor(a23, d2), 15);
            var b43 = TLane.RotateLeft(TLane.Xor(a34, d3), 56);
            var b04 = TLane.RotateLeft(TLane.Xor(a20, d2), 62);
            var b14 = TLane.RotateLeft(TLane.Xor(a31, d3), 55);
            var b24 = TLane.RotateLeft(TLane.Xor(a42, d4), 39);
            var b34 = TLane.RotateLeft(TLane.Xor(a03, d0), 41);
            var b44 = TLane.RotateLeft(TLane.Xor(a14, d1), 2);

            // χ: a(x, y) = b(x, y) ⊕ (¬b(x+1, y) ∧ b(x+2, y)); ι adds the round constant to a(0, 0)
            a00 = TLane.Xor(TLane.Chi(b00, b10, b20), TLane.Broadcast(constant));
            a10 = TLane.Chi(b10, b20, b30);
            a20 = TLane.Chi(b20, b30, b40);
            a30 = TLane.Chi(b30, b40, b00);
            a40 = TLane.Chi(b40, b00, b10);
            a01 = TLane.Chi(b01, b11, b21);
            a11 = TLane.Chi(b11, b21, b31);
            a21 = TLane.Chi(b21, b31, b41);
            a31 = TLane.Chi(b31, b41, b01);
            a41 = TLane.Chi(b41, b01, b11);
            a02 = TLane.Chi(b02, b12, b22);
            a12 = TLane.Chi(b12, b22, b32);
            a22 = TLane.Chi(b22, b32, b42);
            a32 = TLane.Chi(b32, b42, b02);
            a42 = TLane.Chi(b42, b02, b12);
            a03 = TLane.Chi(b03, b13, b23);
            a13 = TLane.Chi(b13, b23, b33);
            a23 = TLane.Chi(b23, b33, b43);
            a33 = TLane.Chi(b33, b43, b03);
            a43 = TLane.Chi(b43, b03, b13);
            a04 = TLane.Chi(b04, b14, b24);
            a14 = TLane.Chi(b14, b24, b34);
            a24 = TLane.Chi(b24, b34, b44);
            a34 = TLane.Chi(b34, b44, b04);
            a44 = TLane.Chi(b44, b04, b14);
        }

        Unsafe.Add(ref state, 0) = a00;
        Unsafe.Add(ref state, 1) = a10;
        Unsafe.Add(ref state, 2) = a20;
        Unsafe.Add(ref state, 3) = a30;
        Unsafe.Add(ref state, 4) = a40;
        Unsafe.Add(ref state, 5) = a01;
        Unsafe.Add(ref state, 6) = a11;
        Unsafe.Add(ref state, 7) = a21;
        Unsafe.Add(ref state, 8) = a31;
        Unsafe.Add(ref state, 9) = a41;
        Unsafe.Add(ref state, 10) = a02;
        Unsafe.Add(ref state, 11) = a12;
        Unsafe.Add(ref state, 12) = a22;
        Unsafe.Add(ref state, 13) = a32;
        Unsafe.Add(ref state, 14) = a42;
        Unsafe.Add(ref state, 15) = a03;
        Unsafe.Add(ref state, 16) = a13;
        Unsafe.Add(ref state, 17) = a23;
        Unsafe.Add(ref state, 18) = a33;
        Unsafe.Add(ref state, 19) = a43;
        Unsafe.Add(ref state, 20) = a04;
        Unsafe.Add(ref state, 21) = a14;
        Unsafe.Add(ref state, 22) = a24;
        Unsafe.Add(ref state, 23) = a34;
        Unsafe.Add(ref state, 24) = a44;
    }
}
