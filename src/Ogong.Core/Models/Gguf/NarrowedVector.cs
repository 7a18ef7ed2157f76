using Ogong.Compute;

namespace Ogong.Models;

/// <summary>A vector that the file holds in binary32, as GGUF's readers ask for, and that was of a narrower type before. A read copies.</summary>
internal sealed class NarrowedVector(MappedFile file, GgufTensor tensor, string name, ElementType type)
    : StoredTensor(file, tensor.Offset, name, tensor.Shape, tensor.Type)
{
    public override ElementType Type => type;

    /// <exception cref="ModelFormatException">A value is not one of the narrower type's.</exception>
    public override ReadOnlySpan<byte> ReadRows(int first, int count)
    {
        if (count == 0) return base.ReadRows(first, count);
        ReadOnlySpan<byte> wide = base.ReadRows(first, count);
        float[] values = new float[Columns], again = new float[Columns];
        byte[] narrow = new byte[type.RowBytes(Columns)];
        ElementStorage.Widen(ElementType.F32, wide, values);
        ElementStorage.Round(type, values, narrow);
        ElementStorage.Widen(type, narrow, again);
        for (int i = 0; i < Columns; i++)
            if (BitConverter.SingleToInt32Bits(values[i]) != BitConverter.SingleToInt32Bits(again[i]))
                throw new ModelFormatException(Path, $"Tensor {Name} is said to have been {type}, but its element {i} is no {type} number.");
        return narrow;
    }
}
