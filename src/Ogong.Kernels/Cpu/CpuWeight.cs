using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Ogong.Compute;
using Ogong.Kernels.Host;
using Ogong.Numerics;

namespace Ogong.Kernels.Cpu;

/// <summary>
/// A weight matrix in panels of <see cref="PanelRows"/> rows at its stored width: panel p holds rows 32·p … 32·p + 31 (zeros past the last row), column after column,
/// each as <see cref="IPanelFormat"/> says, or block after block as <see cref="IIntegerPanel"/> says. A linear layer streams a panel from one end to the other.
/// </summary>
internal sealed unsafe class CpuWeight : Weight
{
    /// <summary>Rows per panel: two AVX-512 registers of binary32, or one cache line of 16-bit elements, per column.</summary>
    public const int PanelRows = 32;

    private readonly HostBuffer _memory;

    /// <summary>Packs <paramref name="source"/> on up to <paramref name="threads"/> threads.</summary>
    /// <exception cref="NonFiniteException">An element is an infinity or a NaN.</exception>
    public CpuWeight(ITensorSource source, int threads) : base(source.Name, source.Type, source.Rows, source.Columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(source.Rows, nameof(source));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(source.Columns, nameof(source));
        PanelBytes = source.Type.IsBlock() ? IntegerPanels.PanelBytes(source.Type, source.Columns) : source.Type.RowBytes(source.Columns) * PanelRows;
        _memory = new HostBuffer(Panels * PanelBytes);
        try
        {
            Parallel.For(0, Panels, new ParallelOptions { MaxDegreeOfParallelism = threads }, panel => Pack(source, panel));
        }
        catch (AggregateException exceptions)
        {
            _memory.Dispose();
            ExceptionDispatchInfo.Throw(exceptions.InnerExceptions[0]);
        }
    }

    /// <summary>Number of panels.</summary>
    public int Panels => (Rows + PanelRows - 1) / PanelRows;

    /// <summary>Bytes from one panel to the next.</summary>
    public long PanelBytes { get; }

    public override long ByteLength => _memory.ByteLength;

    /// <summary>The first panel.</summary>
    public byte* Pointer => _memory.Pointer;

    /// <summary>The weight behind one of this backend.</summary>
    /// <exception cref="ArgumentException">It belongs to another backend.</exception>
    public static CpuWeight From(Weight weight) =>
        weight as CpuWeight ?? throw new ArgumentException($"A {weight.GetType().Name} does not belong to the CPU backend.", nameof(weight));

    /// <summary>Place of row j of a panel in a column of 16-bit elements: rows j and 16 + j share a 32-bit word.</summary>
    public static int PairedIndex(int j) => j < 16 ? 2 * j : (2 * (j - 16)) + 1;

    /// <summary>Copies row <paramref name="row"/>, widened, to <paramref name="y"/> [Columns].</summary>
    public void CopyRow(int row, float* y)
    {
        byte* panel = Pointer + (row / PanelRows * PanelBytes);
        int j = row % PanelRows;
        if (Type.IsBlock())
        {
            IntegerPanels.CopyRow(Type, panel, j, Columns, y);
            return;
        }
        if (Type == ElementType.F32)
        {
            float* from = (float*)panel + j;
            for (int k = 0; k < Columns; k++) y[k] = from[(nint)k * PanelRows];
            return;
        }
        ushort* half = (ushort*)panel + PairedIndex(j);
        if (Type == ElementType.BF16)
            for (int k = 0; k < Columns; k++) y[k] = BFloat16Format.Widen(half[(nint)k * PanelRows]);
        else
            for (int k = 0; k < Columns; k++) y[k] = Float16Format.Widen(half[(nint)k * PanelRows]);
    }

    protected override void Dispose(bool disposing) => _memory.Dispose();

    private void Pack(ITensorSource source, int panel)
    {
        int first = panel * PanelRows;
        int rows = Math.Min(PanelRows, Rows - first);
        ReadOnlySpan<byte> block = source.ReadRows(first, rows);
        if (block.Length != rows * Type.RowBytes(Columns))
            throw new ArgumentException($"{Name} gave {block.Length} bytes for {rows} rows of {Columns}.", nameof(source));
        byte* to = Pointer + (panel * PanelBytes);
        if (Type.IsBlock())
        {
            int rowBytes = block.Length / rows;
            for (int j = 0; j < rows; j++)
            {
                ReadOnlySpan<byte> row = block.Slice(j * rowBytes, rowBytes);
                RequireFinite((int)ElementStorage.FirstNonFinite(Type, Columns, row), first + j);
                IntegerPanels.PackRow(Type, row, Columns, to, j);
            }
        }
        else if (Type == ElementType.F32)
        {
            ReadOnlySpan<float> values = MemoryMarshal.Cast<byte, float>(block);
            RequireFinite(FiniteCheck.FirstNonFinite(values), first);
            fixed (float* from = values) Interleave(from, (float*)to, rows, paired: false);
        }
        else
        {
            ReadOnlySpan<ushort> values = MemoryMarshal.Cast<byte, ushort>(block);
            RequireFinite(FiniteCheck.FirstNonFinite(values, Type), first);
            fixed (ushort* from = values) Interleave(from, (ushort*)to, rows, paired: true);
        }
    }

    private void RequireFinite(int index, int firstRow)
    {
        if (index >= 0) throw new NonFiniteException(Name, firstRow + (index / Columns), index % Columns);
    }

    /// <summary>Transposes in blocks of columns whose lines of all rows stay in the first-level cache.</summary>
    private void Interleave<T>(T* from, T* to, int rows, bool paired) where T : unmanaged
    {
        const int Block = 32;
        for (int begin = 0; begin < Columns; begin += Block)
        {
            int end = Math.Min(begin + Block, Columns);
            for (int j = 0; j < rows; j++)
            {
                T* row = from + ((nint)j * Columns);
                T* place = to + (paired ? PairedIndex(j) : j);
                for (int k = begin; k < end; k++) place[(nint)k * PanelRows] = row[k];
            }
        }
    }
}
