using Ogong.Compute;

namespace Ogong.Models;

/// <summary>
/// A tensor inside a mapped file: a vector is one row, anything of higher rank than a matrix (a convolution's weight) the matrix of its rows.
/// Its bytes need not be aligned in memory to more than one byte: the header before them has any length.
/// </summary>
internal sealed class StoredTensor(MappedFile file, long offset, SafetensorsEntry entry, ElementType type) : ITensorSource
{
    public string Name => entry.Name;

    public ElementType Type => type;

    public int Rows { get; } = entry.Shape.Length == 1 ? 1 : (int)entry.Shape[0];

    public int Columns { get; } = entry.Shape.Length == 1 ? (int)entry.Shape[0] : (int)entry.Shape.Skip(1).Aggregate((a, b) => a * b);

    /// <summary>The shape as stored.</summary>
    public IReadOnlyList<long> Shape => entry.Shape;

    /// <summary>The file the tensor is in.</summary>
    public string Path => file.Path;

    /// <summary>Position of the first byte in the file.</summary>
    public long Offset => offset;

    /// <summary>Bytes of the whole tensor.</summary>
    public long ByteLength => entry.End - entry.Begin;

    public ReadOnlySpan<byte> ReadRows(int first, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Rows - first);
        long rowBytes = (long)Columns * type.Size();
        long bytes = rowBytes * count;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, int.MaxValue, nameof(count));
        return file.Slice(offset + (first * rowBytes), (int)bytes);
    }
}
