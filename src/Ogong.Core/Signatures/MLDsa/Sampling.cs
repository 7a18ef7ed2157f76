using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;

namespace Ogong.Signatures;

/// <summary>Pseudorandom sampling (FIPS 204, section 7.3), with as many SHAKE streams side by side as the processor does at once.</summary>
internal static class Sampling
{
    private const int MaxStreams = 8;

    /// <summary>ExpandA: the matrix Â from the public seed ρ, row by row, already in the NTT domain, coefficients in [0, q).</summary>
    /// <param name="rho">ρ, 32 bytes.</param>
    /// <param name="matrix">Receives K rows.</param>
    /// <param name="rowLength">Coefficients from one row to the next.</param>
    public static void ExpandA(ReadOnlySpan<byte> rho, Span<int> matrix, int rowLength)
    {
        if (Avx512F.IsSupported)
            ExpandA<Vector512<ulong>, Lane8>(rho, matrix, rowLength);
        else if (Vector256.IsHardwareAccelerated)
            ExpandA<Vector256<ulong>, Lane4>(rho, matrix, rowLength);
        else
            ExpandA<ulong, Lane1>(rho, matrix, rowLength);
    }

    /// <summary>ExpandS: the secrets s1 then s2 from ρ', coefficients in [−η, η].</summary>
    public static void ExpandS(ReadOnlySpan<byte> rhoPrime, Span<int> s)
    {
        if (Avx512F.IsSupported)
            ExpandS<Vector512<ulong>, Lane8>(rhoPrime, s);
        else if (Vector256.IsHardwareAccelerated)
            ExpandS<Vector256<ulong>, Lane4>(rhoPrime, s);
        else
            ExpandS<ulong, Lane1>(rhoPrime, s);
    }

    /// <summary>ExpandMask: the mask y from ρ'' and the counter κ, coefficients in (−γ1, γ1].</summary>
    public static void ExpandMask(ReadOnlySpan<byte> rhoDoublePrime, int kappa, Span<int> y)
    {
        if (Vector256.IsHardwareAccelerated)
            ExpandMask<Vector256<ulong>, Lane4>(rhoDoublePrime, kappa, y);
        else
            ExpandMask<ulong, Lane1>(rhoDoublePrime, kappa, y);
    }

    /// <summary>SampleInBall: τ coefficients ±1, the others zero, from the challenge hash c̃.</summary>
    public static void SampleInBall(ReadOnlySpan<byte> challenge, Span<int> c)
    {
        var shake = Shake.Create256();
        shake.Absorb(challenge);
        Span<byte> block = stackalloc byte[Shake.Rate256];
        shake.Squeeze(block);
        var signs = BinaryPrimitives.ReadUInt64LittleEndian(block);
        var at = 8;
        c.Clear();
        for (var i = MLDsa44.N - MLDsa44.Tau; i < MLDsa44.N; i++)
        {
            int j;
            do
            {
                if (at == block.Length)
                {
                    shake.Squeeze(block);
                    at = 0;
                }
                j = block[at++];
            }
            while (j > i);
            c[i] = c[j];
            c[j] = 1 - (2 * (int)(signs & 1));
            signs >>= 1;
        }
    }

    [SkipLocalsInit]
    internal static void ExpandA<T, TLane>(ReadOnlySpan<byte> rho, Span<int> matrix, int rowLength)
        where T : unmanaged
        where TLane : ILane<T>
    {
        const int stride = Shake.Rate128 + 4; // four bytes more, so that the last four coefficients are read as sixteen bytes
        var streams = ShakeStreams.Count<T>();
        Span<T> state = stackalloc T[KeccakF1600.LaneCount];
        Span<byte> blocks = stackalloc byte[MaxStreams * stride];
        Span<ushort> suffixes = stackalloc ushort[MaxStreams];
        Span<int> filled = stackalloc int[MaxStreams];
        for (var first = 0; first < MLDsa44.K * MLDsa44.L; first += streams)
        {
            for (var i = 0; i < streams; i++)
                suffixes[i] = (ushort)(((first + i) % MLDsa44.L) | ((first + i) / MLDsa44.L << 8)); // s, then r
            ShakeStreams.Absorb(state, Shake.Rate128, rho, suffixes);
            filled.Clear();
            bool more;
            do
            {
                ShakeStreams.Squeeze<T, TLane>(state, Shake.Rate128, blocks, stride);
                more = false;
                for (var i = 0; i < streams; i++)
                {
                    var (row, column) = Math.DivRem(first + i, MLDsa44.L);
                    var poly = matrix.Slice((row * rowLength) + (column * MLDsa44.N), MLDsa44.N);
                    filled[i] = RejectUniform(blocks.Slice(i * stride, stride), poly, filled[i]);
                    more |= filled[i] < MLDsa44.N;
                }
            }
            while (more);
        }
    }

    [SkipLocalsInit]
    internal static void ExpandS<T, TLane>(ReadOnlySpan<byte> rhoPrime, Span<int> s)
        where T : unmanaged
        where TLane : ILane<T>
    {
        var streams = ShakeStreams.Count<T>();
        Span<T> state = stackalloc T[KeccakF1600.LaneCount];
        Span<byte> blocks = stackalloc byte[MaxStreams * Shake.Rate256];
        Span<ushort> suffixes = stackalloc ushort[MaxStreams];
        Span<int> filled = stackalloc int[MaxStreams];
        for (var first = 0; first < MLDsa44.K + MLDsa44.L; first += streams)
        {
            for (var i = 0; i < streams; i++)
                suffixes[i] = (ushort)(first + i);
            ShakeStreams.Absorb(state, Shake.Rate256, rhoPrime, suffixes);
            filled.Clear();
            bool more;
            do
            {
                ShakeStreams.Squeeze<T, TLane>(state, Shake.Rate256, blocks, Shake.Rate256);
                more = false;
                for (var i = 0; i < streams; i++)
                {
                    filled[i] = RejectBounded(blocks.Slice(i * Shake.Rate256, Shake.Rate256), s.Slice((first + i) * MLDsa44.N, MLDsa44.N), filled[i]);
                    more |= filled[i] < MLDsa44.N;
                }
            }
            while (more);
        }
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(state));
        CryptographicOperations.ZeroMemory(blocks);
    }

    [SkipLocalsInit]
    internal static void ExpandMask<T, TLane>(ReadOnlySpan<byte> rhoDoublePrime, int kappa, Span<int> y)
        where T : unmanaged
        where TLane : ILane<T>
    {
        const int stride = 5 * Shake.Rate256; // of which 576 bytes are used
        var streams = ShakeStreams.Count<T>();
        Span<T> state = stackalloc T[KeccakF1600.LaneCount];
        Span<byte> blocks = stackalloc byte[MLDsa44.L * stride];
        Span<ushort> suffixes = stackalloc ushort[MaxStreams];
        for (var first = 0; first < MLDsa44.L; first += streams)
        {
            for (var i = 0; i < streams; i++)
                suffixes[i] = (ushort)(kappa + first + i);
            ShakeStreams.Absorb(state, Shake.Rate256, rhoDoublePrime, suffixes);
            for (var at = 0; at < stride; at += Shake.Rate256)
                ShakeStreams.Squeeze<T, TLane>(state, Shake.Rate256, blocks[((first * stride) + at)..], stride);
        }
        for (var i = 0; i < MLDsa44.L; i++)
            Packing.UnpackZ(blocks.Slice(i * stride, MLDsa44.ZBytes), y.Slice(i * MLDsa44.N, MLDsa44.N));
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(state));
        CryptographicOperations.ZeroMemory(blocks);
    }

    /// <summary>RejNTTPoly over one block: three bytes give 23 bits, kept when below q (CoeffFromThreeBytes).</summary>
    private static int RejectUniform(ReadOnlySpan<byte> block, Span<int> poly, int filled)
    {
        // Four at a time, which all are kept but once in 256 times.
        var at = 0;
        for (; at < Shake.Rate128 && filled <= poly.Length - 4; at += 12)
        {
            var threes = Vector128.Shuffle(
                Vector128.Create(block.Slice(at, 16)), Vector128.Create(0, 1, 2, 0xFF, 3, 4, 5, 0xFF, 6, 7, 8, 0xFF, 9, 10, 11, 0xFF)).AsInt32();
            var values = threes & Vector128.Create(0x7FFFFF);
            if (Vector128.LessThanAll(values, Vector128.Create(MLDsa44.Q)))
            {
                values.CopyTo(poly[filled..]);
                filled += 4;
                continue;
            }
            for (var i = 0; i < 4; i++)
            {
                poly[filled] = values[i];
                filled += values[i] < MLDsa44.Q ? 1 : 0;
            }
        }
        for (; at < Shake.Rate128 && filled < poly.Length; at += 3)
        {
            poly[filled] = BinaryPrimitives.ReadInt32LittleEndian(block[at..]) & 0x7FFFFF;
            filled += poly[filled] < MLDsa44.Q ? 1 : 0;
        }
        return filled;
    }

    /// <summary>RejBoundedPoly over one block: each half byte below 15 gives 2 − (b mod 5) (CoeffFromHalfByte).</summary>
    /// <remarks>Every half byte is written and the place moves on by arithmetic; the number of blocks tells how many were 15, which is independent of the values kept.</remarks>
    private static int RejectBounded(ReadOnlySpan<byte> block, Span<int> poly, int filled)
    {
        for (var i = 0; i < 2 * block.Length && filled < poly.Length; i++)
        {
            var half = (block[i >> 1] >> (4 * (i & 1))) & 15;
            poly[filled] = CoefficientFromHalfByte(half);
            filled += 1 + ((14 - half) >> 31);
        }
        return filled;
    }

    /// <summary>2 − (b mod 5), with b / 5 = ⌊205b / 1024⌋ for b &lt; 15, so that no divide instruction sees a secret.</summary>
    private static int CoefficientFromHalfByte(int b) => 2 - (b - (((205 * b) >> 10) * 5));
}
