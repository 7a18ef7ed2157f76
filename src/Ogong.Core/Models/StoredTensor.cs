using Ogong.Compute;

namespace Ogong.Models;

/// <summary>
/// A tensor inside a mapped file: a vector is one row, anything of higher rank than a matrix (a convolution's weight) the matrix of its rows.
/// Its bytes need not be aligned in memory to more than one byte: the header before them has any length.
/// </summary>
internal class StoredTensor(MappedFile file, long offset, string name, IReadOnlyList<long> shape, ElementType type) : ITensorSource
{
    public string Name => name;

    public virtual ElementType Type => type;

    public int Rows { get; } = shape.Count == 1 ? 1 : (int)shape[0];

    public int Columns { get; } = shape.Count == 1 ? (int)shape[0] : (int)shape.Skip(1).Aggregate((a, b) => a * b);

    /// <summary>The shape as stored.</summary>
    public IReadOnlyList<long> Shape => shape;

    /// <summary>The file the tensor is in.</summary>
    public string Path => file.Path;

    /// <summary>Position of the first byte in the file.</summary>
    public long Offset => offset;

    /// <summary>Bytes of the whole tensor.</summary>
    public long ByteLength => Rows * type.RowBytes(Columns);

    public virtual ReadOnlySpan<byte> ReadRows(int first, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Rows - first);
        long rowBytes = type.RowBytes(Columns);
        long bytes = rowBytes * count;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, int.MaxValue, nameof(count));
        return file.Slice(offset + (first * rowBytes), (int)bytes);
    }
}
