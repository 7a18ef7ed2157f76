namespace Ogong.Compute;

/// <summary>
/// A stored matrix, read in blocks of rows so that no tensor need fit a span. A vector is a matrix of one row.
/// Reading is thread-safe; a returned span is valid until the source's owner is disposed.
/// </summary>
public interface ITensorSource
{
    /// <summary>The tensor's full name, e.g. <c>model.layers.3.mlp.down_proj.weight</c>.</summary>
    string Name { get; }

    /// <summary>Storage type of the bytes.</summary>
    ElementType Type { get; }

    /// <summary>Rows (output features of a linear layer).</summary>
    int Rows { get; }

    /// <summary>Columns (input features of a linear layer).</summary>
    int Columns { get; }

    /// <summary>Bytes of rows [<paramref name="first"/>, <paramref name="first"/> + <paramref name="count"/>): row-major, little-endian, <c>count · Type.RowBytes(Columns)</c> of them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The rows are outside the tensor, or the block exceeds 2³¹ − 1 bytes.</exception>
    ReadOnlySpan<byte> ReadRows(int first, int count);
}
