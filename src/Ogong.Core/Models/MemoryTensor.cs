using Ogong.Compute;

namespace Ogong.Models;

/// <summary>A tensor held in memory.</summary>
internal sealed class MemoryTensor(string name, ElementType type, int rows, int columns, ReadOnlyMemory<byte> bytes) : ITensorSource
{
    public string Name => name;

    public ElementType Type => type;

    public int Rows => rows;

    public int Columns => columns;

    public ReadOnlySpan<byte> ReadRows(int first, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, rows - first);
        int rowBytes = checked((int)type.RowBytes(columns));
        return bytes.Span.Slice(first * rowBytes, count * rowBytes);
    }
}
