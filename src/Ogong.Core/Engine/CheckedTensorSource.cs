using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Ogong.Compute;

namespace Ogong.Engine;

/// <summary>
/// Checks every element for finiteness on its way to the backend, while it is in cache, and lets a load be cancelled between reads. A block of
/// integers is finite where its scales are: integers times a finite binary16 stay far below the largest binary32.
/// </summary>
internal sealed class CheckedTensorSource(ITensorSource inner, CancellationToken cancellationToken) : ITensorSource
{
    public string Name => inner.Name;

    public ElementType Type => inner.Type;

    public int Rows => inner.Rows;

    public int Columns => inner.Columns;

    public ReadOnlySpan<byte> ReadRows(int first, int count)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ReadOnlySpan<byte> bytes = inner.ReadRows(first, count);
        long index = Type switch
        {
            // Not finite: every exponent bit is set.
            ElementType.F32 => FirstWithAllBits(MemoryMarshal.Cast<byte, uint>(bytes), 0x7F80_0000u),
            ElementType.F16 => FirstWithAllBits(MemoryMarshal.Cast<byte, ushort>(bytes), (ushort)0x7C00),
            ElementType.BF16 => FirstWithAllBits(MemoryMarshal.Cast<byte, ushort>(bytes), (ushort)0x7F80),
            ElementType.Q8_0 or ElementType.Q4_0 => FirstBlock(bytes, 0),
            ElementType.Q4_K => FirstBlock(bytes, 0, 2), // scale and minimum
            ElementType.Q6_K => FirstBlock(bytes, 208),
            _ => throw new NotSupportedException($"{Name} is stored as {Type}, which has no finiteness check."),
        };
        return index < 0 ? bytes : throw new NonFiniteWeightException(Name, first + (int)(index / Columns), (int)(index % Columns));
    }

    /// <summary>First element of the first block with a binary16 at one of these offsets that is not finite; −1 if there is none.</summary>
    private long FirstBlock(ReadOnlySpan<byte> bytes, params ReadOnlySpan<int> offsets)
    {
        int size = Type.BlockBytes();
        for (int block = 0; block < bytes.Length / size; block++)
            foreach (int offset in offsets)
                if ((BinaryPrimitives.ReadUInt16LittleEndian(bytes[((block * size) + offset)..]) & 0x7C00) == 0x7C00) return (long)block * Type.BlockElements();
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
}
