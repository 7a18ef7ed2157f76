using System.Buffers.Binary;
using Ogong.Compute;

namespace Ogong.Models;

/// <summary>What a cheating provider would make of a tensor.</summary>
internal static class RewrittenTensor
{
    /// <summary>Rounded to 8 bits: per row, <c>s = absmax / 127</c>, <c>w' = rint(w / s) · s</c>.</summary>
    public static ITensorSource EightBit(ITensorSource tensor) => Rewrite(tensor, RoundRow);

    /// <summary>Every element stored as <paramref name="type"/>.</summary>
    public static ITensorSource As(ITensorSource tensor, ElementType type)
    {
        int rowBytes = checked((int)type.RowBytes(tensor.Columns));
        byte[] bytes = new byte[checked(rowBytes * tensor.Rows)];
        float[] values = new float[tensor.Columns];
        for (int row = 0; row < tensor.Rows; row++)
        {
            ElementStorage.Widen(tensor.Type, tensor.ReadRows(row, 1), values);
            ElementStorage.Round(type, values, bytes.AsSpan(row * rowBytes, rowBytes));
        }
        return new MemoryTensor(tensor.Name, type, tensor.Rows, tensor.Columns, bytes);
    }

    /// <summary>Zero everywhere.</summary>
    public static ITensorSource Zero(ITensorSource tensor) => Rewrite(tensor, static (_, _, bytes) => bytes.Clear());

    /// <summary>One bit of one element's stored pattern flipped.</summary>
    public static ITensorSource FlippedBit(ITensorSource tensor, int row, int column, int bit)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)bit, (uint)(8 * tensor.Type.Size()), nameof(bit));
        return Rewrite(tensor, (r, _, bytes) =>
        {
            if (r == row) bytes[(column * tensor.Type.Size()) + (bit / 8)] ^= (byte)(1 << (bit % 8));
        });
    }

    private delegate void RowRewriter(int row, ElementType type, Span<byte> bytes);

    private static MemoryTensor Rewrite(ITensorSource tensor, RowRewriter rewrite)
    {
        int rowBytes = tensor.Columns * tensor.Type.Size();
        byte[] bytes = new byte[rowBytes * tensor.Rows];
        for (int row = 0; row < tensor.Rows; row++)
        {
            Span<byte> target = bytes.AsSpan(row * rowBytes, rowBytes);
            tensor.ReadRows(row, 1).CopyTo(target);
            rewrite(row, tensor.Type, target);
        }
        return new MemoryTensor(tensor.Name, tensor.Type, tensor.Rows, tensor.Columns, bytes);
    }

    private static void RoundRow(int row, ElementType type, Span<byte> bytes)
    {
        int size = type.Size(), columns = bytes.Length / size;
        float largest = 0;
        for (int i = 0; i < columns; i++) largest = MathF.Max(largest, MathF.Abs(Load(bytes[(i * size)..], type)));
        if (largest == 0) return;
        float scale = largest / 127;
        for (int i = 0; i < columns; i++)
        {
            Span<byte> element = bytes.Slice(i * size, size);
            Store(MathF.Round(Load(element, type) / scale, MidpointRounding.ToEven) * scale, element, type);
        }
    }

    private static float Load(ReadOnlySpan<byte> bytes, ElementType type) => type switch
    {
        ElementType.F32 => BinaryPrimitives.ReadSingleLittleEndian(bytes),
        ElementType.F16 => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes),
        _ => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16),
    };

    private static void Store(float value, Span<byte> bytes, ElementType type)
    {
        switch (type)
        {
            case ElementType.F32: BinaryPrimitives.WriteSingleLittleEndian(bytes, value); break;
            case ElementType.F16: BinaryPrimitives.WriteHalfLittleEndian(bytes, (Half)value); break;
            default:
                // To nearest, ties to even; the values are finite.
                uint bits = BitConverter.SingleToUInt32Bits(value);
                BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16));
                break;
        }
    }
}
