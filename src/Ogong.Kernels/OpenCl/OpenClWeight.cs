using System.Runtime.InteropServices;
using Ogong.Compute;
using Ogong.Kernels.Cpu;
using Ogong.Kernels.Host;
using Ogong.Native.OpenCl;

namespace Ogong.Kernels.OpenCl;

/// <summary>
/// A weight matrix in panels of 32 rows at its stored width: panel p holds rows 32·p … 32·p + 31 (zeros past the last row), column after column, so that neighbouring lanes read neighbouring rows;
/// or block after block, as native/opencl/integer_weights.clh says.
/// </summary>
internal sealed unsafe class OpenClWeight : Weight
{
    private readonly OpenClBackend _backend;
    private OpenClBuffer? _memory;

    /// <exception cref="NonFiniteException">An element is an infinity or a NaN.</exception>
    public OpenClWeight(OpenClBackend backend, ITensorSource source) : base(source.Name, source.Type, source.Rows, source.Columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(source.Rows, nameof(source));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(source.Columns, nameof(source));
        _backend = backend;
        _memory = backend.Take(Panels * PanelBytes, $"weight {Name}");
        try
        {
            Upload(source);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override long ByteLength => Panels * PanelBytes;

    public OpenClBuffer Memory => _memory ?? throw new ObjectDisposedException(nameof(OpenClWeight));

    /// <summary>Number of panels.</summary>
    public int Panels => (Rows + DeviceShape.PanelRows - 1) / DeviceShape.PanelRows;

    private long PanelBytes => Type.IsBlock() ? IntegerPanels.PanelBytes(Type, Columns) : (long)Columns * DeviceShape.PanelRows * Type.Size();

    /// <summary>The weight behind one of this backend.</summary>
    /// <exception cref="ArgumentException">It belongs to another backend.</exception>
    public static OpenClWeight From(Weight weight) =>
        weight as OpenClWeight ?? throw new ArgumentException($"A {weight.GetType().Name} does not belong to the OpenCL backend.", nameof(weight));

    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _memory, null) is { } memory && disposing) _backend.Return(memory);
    }

    private void Upload(ITensorSource source)
    {
        using var queue = _backend.Context.CreateQueue();
        using var staging = new HostBuffer(PanelBytes);
        for (int panel = 0; panel < Panels; panel++)
        {
            int first = panel * DeviceShape.PanelRows, rows = Math.Min(DeviceShape.PanelRows, Rows - first);
            ReadOnlySpan<byte> block = source.ReadRows(first, rows);
            if (block.Length != rows * Type.RowBytes(Columns))
                throw new ArgumentException($"{Name} gave {block.Length} bytes for {rows} rows of {Columns}.", nameof(source));
            if (Type.IsBlock()) Pack(block, staging, first, rows);
            else if (Type == ElementType.F32) Interleave(MemoryMarshal.Cast<byte, uint>(block), (uint*)staging.Pointer, rows);
            else Interleave(MemoryMarshal.Cast<byte, ushort>(block), (ushort*)staging.Pointer, rows);
            if (!Type.IsBlock()) RequireFinite(block, first);
            queue.Write(staging.Pointer, Memory, panel * PanelBytes, PanelBytes);
            queue.Finish();
        }
    }

    private void Pack(ReadOnlySpan<byte> block, HostBuffer to, int firstRow, int count)
    {
        NativeMemory.Clear(to.Pointer, (nuint)PanelBytes);
        int rowBytes = block.Length / count;
        for (int j = 0; j < count; j++)
        {
            ReadOnlySpan<byte> row = block.Slice(j * rowBytes, rowBytes);
            long index = ElementStorage.FirstNonFinite(Type, Columns, row);
            if (index >= 0) throw new NonFiniteException(Name, firstRow + j, (int)index);
            IntegerPanels.PackRow(Type, row, Columns, to.Pointer, j);
        }
    }

    private void Interleave<T>(ReadOnlySpan<T> rows, T* to, int count) where T : unmanaged
    {
        // Blocks of columns whose lines of all rows stay in the first-level cache. Rows past the last keep the zeros of the staging memory.
        const int Block = 64;
        for (int begin = 0; begin < Columns; begin += Block)
        {
            int end = Math.Min(begin + Block, Columns);
            for (int j = 0; j < DeviceShape.PanelRows; j++)
                for (int k = begin; k < end; k++) to[((long)k * DeviceShape.PanelRows) + j] = j < count ? rows[(j * Columns) + k] : default;
        }
    }

    private void RequireFinite(ReadOnlySpan<byte> block, int firstRow)
    {
        int index = Type == ElementType.F32
            ? FiniteCheck.FirstNonFinite(MemoryMarshal.Cast<byte, float>(block))
            : FiniteCheck.FirstNonFinite(MemoryMarshal.Cast<byte, ushort>(block), Type);
        if (index >= 0) throw new NonFiniteException(Name, firstRow + (index / Columns), index % Columns);
    }
}
