using Ogong.Compute;
using Ogong.Kernels.Host;

namespace Ogong.Kernels.Reference;

/// <summary>A weight matrix as it was stored: row-major, never widened in memory.</summary>
internal sealed unsafe class ReferenceWeight : Weight
{
    private readonly HostBuffer _bytes;

    /// <exception cref="NonFiniteException">An element is not finite.</exception>
    public ReferenceWeight(ITensorSource source) : base(source.Name, source.Type, source.Rows, source.Columns)
    {
        _bytes = new HostBuffer((long)Rows * RowBytes);
        for (int row = 0; row < Rows; row++)
        {
            source.ReadRows(row, 1).CopyTo(StoredRow(row));
            long column = ElementStorage.FirstNonFinite(Type, Columns, StoredRow(row));
            if (column < 0) continue;
            Dispose();
            throw new NonFiniteException(Name, row, (int)column);
        }
    }

    public override long ByteLength => _bytes.ByteLength;

    private int RowBytes => checked((int)Type.RowBytes(Columns));

    public static ReferenceWeight From(Weight weight) =>
        weight as ReferenceWeight ?? throw new ArgumentException($"A {weight.GetType().Name} does not belong to the reference backend.", nameof(weight));

    /// <summary>One row, widened.</summary>
    public void ReadRow(int row, Span<float> values) => ElementStorage.Widen(Type, StoredRow(row), values);

    /// <summary>One row as it is stored.</summary>
    public Span<byte> StoredRow(int row) => new(_bytes.Pointer + ((long)row * RowBytes), RowBytes);

    protected override void Dispose(bool disposing) => _bytes.Dispose();
}
