using Ogong.Compute;

namespace Ogong.Models;

/// <summary>
/// A vector or matrix inside a mapped file. Its bytes need not be aligned in memory to more than one byte: the header before them has any
/// length.
/// </summary>
internal sealed class StoredTensor(MappedFile file, long offset, SafetensorsEntry entry, ElementType type) : ITensorSource
{
    public string Name => entry.Name;

    public ElementType Type => type;

    public int Rows { get; } = entry.Shape.Length == 1 ? 1 : (int)entry.Shape[0];

    public int Columns { get; } = (int)entry.Shape[^1];

    /// <summary>1 for a vector, 2 for a matrix.</summary>
    public int Rank => entry.Shape.Length;

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
