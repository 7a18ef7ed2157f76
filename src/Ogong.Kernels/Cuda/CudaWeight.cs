using Ogong.Compute;
using Ogong.Native.Cuda;

namespace Ogong.Kernels.Cuda;

/// <summary>
/// A weight matrix at its stored width: row-major as it was stored, or, of a block type, in panels of 32 rows as <see cref="IntegerPanels"/> lays them out.
/// </summary>
internal sealed class CudaWeight : Weight
{
    private readonly CudaBuffer _bytes;

    /// <exception cref="NonFiniteException">An element is an infinity or a NaN.</exception>
    public CudaWeight(CudaBackend backend, ITensorSource source) : base(source.Name, source.Type, source.Rows, source.Columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(source.Rows, nameof(source));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(source.Columns, nameof(source));
        (StripRows, StripBytes) = Type.IsBlock() ? (IntegerPanels.Rows, IntegerPanels.PanelBytes(Type, Columns)) : (1, Type.RowBytes(Columns));
        _bytes = new CudaBuffer(backend, checked(Strips * StripBytes), $"weight {Name}");
        try
        {
            backend.Uploader.Upload(source, this);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override long ByteLength => _bytes.ByteLength;

    /// <summary>Device address of the first row or panel.</summary>
    public ulong Pointer => _bytes.Pointer;

    /// <summary>Rows that lie together: those of a panel, or one.</summary>
    public int StripRows { get; }

    /// <summary>Bytes from such rows to the next.</summary>
    public long StripBytes { get; }

    /// <summary>Number of panels, or of rows.</summary>
    public int Strips => (int)(((long)Rows + StripRows - 1) / StripRows);

    /// <summary>The weight behind one of this backend.</summary>
    /// <exception cref="ArgumentException">It belongs to another backend.</exception>
    public static CudaWeight From(Weight weight) =>
        weight as CudaWeight ?? throw new ArgumentException($"A {weight.GetType().Name} does not belong to the CUDA backend.", nameof(weight));

    /// <summary>Some strips, for copies.</summary>
    public DeviceRange Range(int first, int count) => _bytes.Range(first * StripBytes, count * StripBytes);

    protected override void Dispose(bool disposing) => _bytes.Dispose();
}
