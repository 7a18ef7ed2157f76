using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Ogong.Compute;
using Ogong.Numerics;

namespace Ogong.Kernels.Reference;

/// <summary>
/// The dot product of a quantised input and a row of a block type, of profile <c>exact-1</c>: integers are summed exactly, chunk after chunk
/// scaled and added in binary32 from +0.
/// </summary>
internal static class IntegerDot
{
    /// <param name="type">A block type.</param>
    /// <param name="dx">Scale of each chunk of the input.</param>
    /// <param name="x">The input, quantised by <see cref="ChunkQuantization"/>.</param>
    /// <param name="row">The stored row, x.Length elements.</param>
    public static float Dot(ElementType type, ReadOnlySpan<float> dx, ReadOnlySpan<sbyte> x, ReadOnlySpan<byte> row)
    {
        float total = 0;
        for (int chunk = 0; chunk < dx.Length; chunk++)
        {
            ReadOnlySpan<sbyte> q = x[(chunk * Reductions.Chunk)..Math.Min((chunk + 1) * Reductions.Chunk, x.Length)];
            int bytes = (int)type.RowBytes(q.Length);
            ReadOnlySpan<byte> w = row[..bytes];
            total = type switch
            {
                ElementType.I8_256 => AddI8_256(dx[chunk], q, w, total),
                ElementType.Q8_0 => AddQ8_0(dx[chunk], q, w, total),
                ElementType.Q4_0 => AddQ4_0(dx[chunk], q, w, total),
                ElementType.Q4_K => AddQ4K(dx[chunk], q, w, total),
                ElementType.Q6_K => AddQ6K(dx[chunk], q, w, total),
                _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a block type."),
            };
            row = row[bytes..];
        }
        return total;
    }

    // total = fma(mul(dw, dx), Σ x·w, total)
    private static float AddI8_256(float dx, ReadOnlySpan<sbyte> x, ReadOnlySpan<byte> block, float total)
    {
        int sum = Sum(x, MemoryMarshal.Cast<byte, sbyte>(block[I8_256Format.ScaleBytes..]));
        return Fma(BinaryPrimitives.ReadSingleLittleEndian(block) * dx, sum, total);
    }

    // acc = fma(dw, Σ x·w, acc) per block of 32, from +0; total = fma(dx, acc, total)
    private static float AddQ8_0(float dx, ReadOnlySpan<sbyte> x, ReadOnlySpan<byte> chunk, float total)
    {
        float acc = 0;
        for (; !x.IsEmpty; x = x[Q8_0Format.Elements..], chunk = chunk[Q8_0Format.Bytes..])
            acc = Fma(Half(chunk), Sum(x[..Q8_0Format.Elements], MemoryMarshal.Cast<byte, sbyte>(chunk.Slice(2, Q8_0Format.Elements))), acc);
        return Fma(dx, acc, total);
    }

    // as Q8_0, Σ x·(q − 8)
    private static float AddQ4_0(float dx, ReadOnlySpan<sbyte> x, ReadOnlySpan<byte> chunk, float total)
    {
        const int Half = Q4_0Format.Elements / 2;
        float acc = 0;
        for (; !x.IsEmpty; x = x[Q4_0Format.Elements..], chunk = chunk[Q4_0Format.Bytes..])
        {
            int sum = 0;
            for (int j = 0; j < Half; j++) sum += (x[j] * ((chunk[2 + j] & 15) - 8)) + (x[j + Half] * ((chunk[2 + j] >> 4) - 8));
            acc = Fma(IntegerDot.Half(chunk), sum, acc);
        }
        return Fma(dx, acc, total);
    }

    // S = Σ over groups of 32 of s·Σ x·q, M = Σ m·Σ x; total = fma(mul(d, dx), S, total), then total = fma(−mul(dmin, dx), M, total)
    private static float AddQ4K(float dx, ReadOnlySpan<sbyte> x, ReadOnlySpan<byte> block, float total)
    {
        int products = 0, minima = 0;
        for (int k = 0; k < Q4KFormat.Elements; k++)
        {
            (int scale, int minimum) = Q4KFormat.ScaleAndMinimumOf(block, k);
            products += scale * x[k] * Q4KFormat.Quant(block, k);
            minima += minimum * x[k];
        }
        total = Fma(Half(block) * dx, products, total);
        return Fma(-(Half(block[2..]) * dx), minima, total);
    }

    // S = Σ over groups of 16 of s·Σ x·(q − 32); total = fma(mul(d, dx), S, total)
    private static float AddQ6K(float dx, ReadOnlySpan<sbyte> x, ReadOnlySpan<byte> block, float total)
    {
        int products = 0;
        for (int k = 0; k < Q6KFormat.Elements; k++) products += Q6KFormat.ScaleOf(block, k) * x[k] * (Q6KFormat.Quant(block, k) - 32);
        return Fma(Half(block[Q6KFormat.Scale..]) * dx, products, total);
    }

    private static int Sum(ReadOnlySpan<sbyte> x, ReadOnlySpan<sbyte> w)
    {
        int sum = 0;
        for (int k = 0; k < x.Length; k++) sum += x[k] * w[k];
        return sum;
    }

    private static float Half(ReadOnlySpan<byte> bytes) => Float16Format.Widen(BinaryPrimitives.ReadUInt16LittleEndian(bytes));

    /// <summary>The integer is rounded to nearest even on its way to binary32.</summary>
    private static float Fma(float scale, int sum, float total) => MathF.FusedMultiplyAdd(scale, sum, total);

    private static float Fma(float scale, float acc, float total) => MathF.FusedMultiplyAdd(scale, acc, total);
}
