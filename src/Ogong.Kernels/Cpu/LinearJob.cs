using System.Numerics;
using System.Runtime.CompilerServices;
using Ogong.Kernels.Host;
using Ogong.Numerics;

namespace Ogong.Kernels.Cpu;

/// <summary>
/// Linear over packed activations. A task is a block of row tiles × a run of panels; inside, chunk by chunk of 256 columns, every tile meets every panel of a block
/// that stays in the second-level cache, and the totals accumulate in y.
/// </summary>
internal unsafe struct LinearJob<TVector, TLanes, TFormat> : IParallelJob
    where TVector : unmanaged where TLanes : ILanes<TVector> where TFormat : IPanelFormat
{
    private const int PanelRows = CpuWeight.PanelRows;

    public byte* Weights;
    public long PanelBytes;
    public float* X;
    public float* Y;
    public float* Bias;
    public int Columns;
    public int Outputs;
    public RowTiles Tiles;

    /// <summary>Row tiles per task.</summary>
    public int TaskTiles;

    /// <summary>Panels per task.</summary>
    public int TaskPanels;

    /// <summary>Panels that meet all tiles of a chunk before the next chunk.</summary>
    public int BlockPanels;

    /// <summary>Set to 1 by a task that stores a value that is not finite.</summary>
    public int* NonFinite;

    public readonly int Tasks => RowTasks * Divide(Panels, TaskPanels);

    private readonly int RowTasks => Divide(Tiles.Count, TaskTiles);

    private readonly int Panels => Divide(Outputs, PanelRows);

    /// <summary>Adjacent tasks share panels, which the last-level cache then holds for both.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Execute(int task)
    {
        int firstTile = task % RowTasks * TaskTiles, endTile = Math.Min(firstTile + TaskTiles, Tiles.Count);
        int firstPanel = task / RowTasks * TaskPanels, endPanel = Math.Min(firstPanel + TaskPanels, Panels);
        int firstRow = Tiles.Start(firstTile), rows = Tiles.Start(endTile) - firstRow;

        // The totals of a panel that sticks out of y have their own place [rows × 32] until they are complete.
        float* overhang = null;
        if (endPanel * PanelRows > Outputs)
        {
            float* place = stackalloc float[rows * PanelRows];
            overhang = place;
            new Span<float>(overhang, rows * PanelRows).Clear();
        }
        int begin = firstPanel * PanelRows, width = Math.Min(endPanel * PanelRows, Outputs) - begin;
        for (int r = 0; r < rows; r++) new Span<float>(Y + ((nint)(firstRow + r) * Outputs) + begin, width).Clear();

        for (int panel = firstPanel; panel < endPanel; panel += BlockPanels)
            for (int k = 0; k < Columns; k += Reductions.Chunk)
                for (int tile = firstTile; tile < endTile; tile++)
                    RunChunk(tile, panel, Math.Min(panel + BlockPanels, endPanel), k, firstRow, overhang);

        for (int r = 0; r < rows; r++) Finish(firstRow + r, begin, width, overhang is null ? null : overhang + (r * PanelRows));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void RunChunk(int tile, int panel, int endPanel, int k, int firstRow, float* overhang)
    {
        int row = Tiles.Start(tile), rows = Tiles.Start(tile + 1) - row;
        float* x = X + ((nint)row * Columns) + ((nint)k * rows);
        int count = Math.Min(Reductions.Chunk, Columns - k);
        for (; panel < endPanel; panel++)
        {
            byte* w = Weights + (panel * PanelBytes) + ((nint)k * TFormat.Stride);
            if ((panel + 1) * PanelRows <= Outputs)
                LinearTile.Run<TVector, TLanes, TFormat>(rows, w, x, count, Y + ((nint)row * Outputs) + (panel * PanelRows), Outputs);
            else
                LinearTile.Run<TVector, TLanes, TFormat>(rows, w, x, count, overhang + ((row - firstRow) * PanelRows), PanelRows);
        }
    }

    /// <summary>Completes outputs [begin, begin + width) of a row: fetches the overhanging panel's, adds the bias, looks for values that are not finite.</summary>
    private readonly void Finish(int row, int begin, int width, float* overhang)
    {
        var y = new Span<float>(Y + ((nint)row * Outputs) + begin, width);
        if (overhang is not null)
        {
            int tail = Outputs % PanelRows;
            new ReadOnlySpan<float>(overhang, tail).CopyTo(y[^tail..]);
        }
        if (Bias is not null) Add(y, new ReadOnlySpan<float>(Bias + begin, width));
        if (FiniteCheck.FirstNonFinite(y) >= 0) Volatile.Write(ref *NonFinite, 1);
    }

    private static void Add(Span<float> y, ReadOnlySpan<float> bias)
    {
        int i = 0;
        for (; i <= y.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(y[i..]) + new Vector<float>(bias[i..])).CopyTo(y[i..]);
        for (; i < y.Length; i++) y[i] += bias[i];
    }

    private static int Divide(int a, int b) => (a + b - 1) / b;
}
