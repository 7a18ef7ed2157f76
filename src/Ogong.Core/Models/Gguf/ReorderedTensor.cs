using Ogong.Compute;

namespace Ogong.Models;

/// <summary>Q or K of a GGUF file of architecture <c>llama</c>, its rows put back in order. A read copies.</summary>
internal sealed class ReorderedTensor(MappedFile file, GgufTensor tensor, string name, int headDim)
    : StoredTensor(file, tensor.Offset, name, tensor.Shape, tensor.Type)
{
    public override ReadOnlySpan<byte> ReadRows(int first, int count)
    {
        base.ReadRows(first, count); // for its checks
        int rowBytes = (int)Type.RowBytes(Columns);
        byte[] rows = new byte[rowBytes * count];
        for (int i = 0; i < count; i++) base.ReadRows(RotaryRows.Stored(first + i, headDim), 1).CopyTo(rows.AsSpan(i * rowBytes));
        return rows;
    }
}
