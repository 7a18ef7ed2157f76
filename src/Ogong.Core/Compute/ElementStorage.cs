using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Ogong.Numerics;

namespace Ogong.Compute;

/// <summary>Elements of every storage type as binary32 and back, one after the other: the definition that kernels are held to.</summary>
public static class ElementStorage
{
    private delegate void BlockWidener(ReadOnlySpan<byte> block, Span<float> values);

    private delegate void BlockRounder(ReadOnlySpan<float> values, Span<byte> block);

    /// <summary>Widens stored elements; for a block type, dequantises them. Exact but for Q4_K and I8-256, which round each element once.</summary>
    /// <param name="type">How they are stored.</param>
    /// <param name="stored">Whole rows, <c>type.RowBytes(values.Length)</c> bytes.</param>
    /// <param name="values">The elements, a whole number of blocks.</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other.</exception>
    public static void Widen(ElementType type, ReadOnlySpan<byte> stored, Span<float> values)
    {
        Check(type, values.Length, stored.Length);
        ReadOnlySpan<ushort> halves = MemoryMarshal.Cast<byte, ushort>(stored);
        switch (type)
        {
            case ElementType.F32: MemoryMarshal.Cast<byte, float>(stored).CopyTo(values); break;
            case ElementType.F16: for (int i = 0; i < values.Length; i++) values[i] = Float16Format.Widen(halves[i]); break;
            case ElementType.BF16: for (int i = 0; i < values.Length; i++) values[i] = BFloat16Format.Widen(halves[i]); break;
            case ElementType.Q8_0: WidenBlocks(type, stored, values, Q8_0Format.Widen); break;
            case ElementType.Q4_0: WidenBlocks(type, stored, values, Q4_0Format.Widen); break;
            case ElementType.Q4_K: WidenBlocks(type, stored, values, Q4KFormat.Widen); break;
            case ElementType.Q6_K: WidenBlocks(type, stored, values, Q6KFormat.Widen); break;
            default: WidenBlocks(type, stored, values, I8_256Format.Widen); break;
        }
    }

    /// <summary>Rounds finite values to the type, to nearest even; for a block type, quantises them.</summary>
    /// <param name="type">How to store them.</param>
    /// <param name="values">The elements, a whole number of blocks.</param>
    /// <param name="stored">Where to, <c>type.RowBytes(values.Length)</c> bytes.</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other.</exception>
    public static void Round(ElementType type, ReadOnlySpan<float> values, Span<byte> stored)
    {
        Check(type, values.Length, stored.Length);
        Span<ushort> halves = MemoryMarshal.Cast<byte, ushort>(stored);
        switch (type)
        {
            case ElementType.F32: values.CopyTo(MemoryMarshal.Cast<byte, float>(stored)); break;
            case ElementType.F16: for (int i = 0; i < values.Length; i++) halves[i] = Float16Format.Round(values[i]); break;
            case ElementType.BF16: for (int i = 0; i < values.Length; i++) halves[i] = BFloat16Format.Round(values[i]); break;
            case ElementType.Q8_0: RoundBlocks(type, values, stored, Q8_0Format.Round); break;
            case ElementType.Q4_0: RoundBlocks(type, values, stored, Q4_0Format.Round); break;
            case ElementType.Q4_K: RoundBlocks(type, values, stored, Q4KFormat.Round); break;
            case ElementType.Q6_K: RoundBlocks(type, values, stored, Q6KFormat.Round); break;
            default: RoundBlocks(type, values, stored, I8_256Format.Round); break;
        }
    }

    /// <summary>
    /// Index of the first element that is an infinity or a NaN, −1 if there is none; for a block type, of the first element of its block. A block
    /// is finite where its scales are: its integers times a finite binary16 stay far below the largest binary32, and I8-256 limits its scales.
    /// </summary>
    /// <param name="type">How the elements are stored.</param>
    /// <param name="columns">Elements of a row.</param>
    /// <param name="stored">Whole rows.</param>
    internal static long FirstNonFinite(ElementType type, int columns, ReadOnlySpan<byte> stored) => type switch
    {
        // Not finite: every exponent bit is set.
        ElementType.F32 => FirstWithAllBits(MemoryMarshal.Cast<byte, uint>(stored), 0x7F80_0000u),
        ElementType.F16 => FirstWithAllBits(MemoryMarshal.Cast<byte, ushort>(stored), (ushort)0x7C00),
        ElementType.BF16 => FirstWithAllBits(MemoryMarshal.Cast<byte, ushort>(stored), (ushort)0x7F80),
        ElementType.Q8_0 or ElementType.Q4_0 => FirstBlock(type, stored, 0),
        ElementType.Q4_K => FirstBlock(type, stored, 0, 2), // scale and minimum
        ElementType.Q6_K => FirstBlock(type, stored, Q6KFormat.Scale),
        _ => FirstI8_256(columns, stored),
    };

    private static long FirstBlock(ElementType type, ReadOnlySpan<byte> stored, params ReadOnlySpan<int> scales)
    {
        int size = type.BlockBytes();
        for (int block = 0; block < stored.Length / size; block++)
            foreach (int offset in scales)
                if ((BinaryPrimitives.ReadUInt16LittleEndian(stored[((block * size) + offset)..]) & 0x7C00) == 0x7C00) return (long)block * type.BlockElements();
        return -1;
    }

    private static long FirstI8_256(int columns, ReadOnlySpan<byte> stored)
    {
        for (long row = 0; !stored.IsEmpty; row++)
        {
            for (int column = 0; column < columns; column += I8_256Format.Elements)
            {
                if ((BinaryPrimitives.ReadUInt32LittleEndian(stored) & 0x7FFF_FFFF) >= I8_256Format.ScaleLimitBits) return (row * columns) + column;
                stored = stored[(I8_256Format.ScaleBytes + Math.Min(I8_256Format.Elements, columns - column))..];
            }
        }
        return -1;
    }

    private static long FirstWithAllBits<T>(ReadOnlySpan<T> values, T mask) where T : unmanaged, IBinaryInteger<T>
    {
        int i = 0;
        var wide = new Vector<T>(mask);
        for (; i <= values.Length - Vector<T>.Count; i += Vector<T>.Count)
            if (Vector.EqualsAny(new Vector<T>(values[i..]) & wide, wide)) break;
        for (; i < values.Length; i++)
            if ((values[i] & mask) == mask) return i;
        return -1;
    }

    private static void WidenBlocks(ElementType type, ReadOnlySpan<byte> stored, Span<float> values, BlockWidener widen)
    {
        int bytes = type.BlockBytes(), elements = type.BlockElements();
        while (!values.IsEmpty)
        {
            int count = Math.Min(elements, values.Length);
            widen(stored, values[..count]);
            values = values[count..];
            stored = stored[Math.Min(bytes, stored.Length)..];
        }
    }

    private static void RoundBlocks(ElementType type, ReadOnlySpan<float> values, Span<byte> stored, BlockRounder round)
    {
        int bytes = type.BlockBytes(), elements = type.BlockElements();
        while (!values.IsEmpty)
        {
            int count = Math.Min(elements, values.Length);
            round(values[..count], stored);
            values = values[count..];
            stored = stored[Math.Min(bytes, stored.Length)..];
        }
    }

    private static void Check(ElementType type, int elements, int bytes)
    {
        if (type.RowBytes(elements) != bytes) throw new ArgumentException($"{elements} elements of {type} are not {bytes} bytes.", nameof(bytes));
    }
}
