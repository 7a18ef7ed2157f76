using Ogong.Compute;

namespace Ogong.Kernels.Cuda;

/// <summary>A weight matrix as it was stored: row-major, columns contiguous, never widened in memory.</summary>
internal sealed class CudaWeight : Weight
{
    private readonly CudaBuffer _bytes;

    /// <exception cref="NonFiniteException">An element is an infinity or a NaN.</exception>
    public CudaWeight(CudaBackend backend, ITensorSource source) : base(source.Name, source.Type, source.Rows, source.Columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(source.Rows, nameof(source));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(source.Columns, nameof(source));
        _bytes = new CudaBuffer(backend, checked((long)Rows * Columns * Type.Size()), $"weight {Name}");
        try
        {
            backend.Uploader.Upload(source, _bytes);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override long ByteLength => _bytes.ByteLength;

    /// <summary>Device address of row 0.</summary>
    public ulong Pointer => _bytes.Pointer;

    /// <summary>The weight behind one of this backend.</summary>
    /// <exception cref="ArgumentException">It belongs to another backend.</exception>
    public static CudaWeight From(Weight weight) =>
        weight as CudaWeight ?? throw new ArgumentException($"A {weight.GetType().Name} does not belong to the CUDA backend.", nameof(weight));

    protected override void Dispose(bool disposing) => _bytes.Dispose();
}
