using System.Runtime.CompilerServices;
using Ogong.Numerics;

namespace Ogong.Kernels.Cpu;

/// <summary>
/// Linear over packed activations. A task is a block of row tiles × a run of panels; inside, chunk by chunk of 256 columns, every tile meets every panel of a block
/// that stays in the second-level cache.
/// </summary>
internal unsafe struct LinearJob<TKernel> : IVectorJob where TKernel : ILinearKernel
{
    private const int PanelRows = CpuWeight.PanelRows;
    private const nint LineBytes = 64;
    private const int LineFloats = 16;

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
    public readonly void Execute<S, V>(int task) where S : struct, ISimd<V> where V : unmanaged
    {
        int firstTile = task % RowTasks * TaskTiles, endTile = Math.Min(firstTile + TaskTiles, Tiles.Count);
        int firstPanel = task / RowTasks * TaskPanels, endPanel = Math.Min(firstPanel + TaskPanels, Panels);
        int firstRow = Tiles.Start(firstTile), rows = Tiles.Start(endTile) - firstRow;

        // Totals [panel][row][32] lie together: rows of y can be a power of two apart, and would evict one another from a set-associative cache.
        int size = BlockPanels * rows * PanelRows;
        float* room = stackalloc float[size + LineFloats];
        float* totals = (float*)(((nint)room + LineBytes - 1) & ~(LineBytes - 1));
        for (int panel = firstPanel; panel < endPanel; panel += BlockPanels)
        {
            int end = Math.Min(panel + BlockPanels, endPanel);
            new Span<float>(totals, size).Clear();
            for (int k = 0; k < Columns; k += Reductions.Chunk)
                for (int tile = firstTile; tile < endTile; tile++)
                    RunChunk<S, V>(tile, panel, end, k, totals + ((Tiles.Start(tile) - firstRow) * PanelRows), rows * PanelRows);
            Finish<S, V>(totals, firstRow, rows, panel, end);
        }
    }

    /// <summary>One chunk of one row tile against panels [panel, endPanel), whose totals lie <paramref name="stride"/> elements apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void RunChunk<S, V>(int tile, int panel, int endPanel, int k, float* totals, int stride) where S : struct, ISimd<V> where V : unmanaged
    {
        int row = Tiles.Start(tile), rows = Tiles.Start(tile + 1) - row;
        float* x = X + TKernel.InputOffset<S, V>(row, rows, k, Columns);
        int count = Math.Min(Reductions.Chunk, Columns - k);
        for (; panel < endPanel; panel++, totals += stride)
            LinearKernel.Run<TKernel, S, V>(rows, Weights + (panel * PanelBytes) + TKernel.WeightOffset(k), x, count, totals);
    }

    /// <summary>Adds the bias to complete totals, looks for values that are not finite, and moves them to y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Finish<S, V>(float* totals, int firstRow, int rows, int panel, int endPanel) where S : struct, ISimd<V> where V : unmanaged
    {
        V zero = default, doubt = default;
        float* bias = stackalloc float[PanelRows];
        for (; panel < endPanel; panel++)
        {
            int begin = panel * PanelRows, width = Math.Min(PanelRows, Outputs - begin);
            if (Bias is not null) new ReadOnlySpan<float>(Bias + begin, width).CopyTo(new Span<float>(bias, PanelRows));
            float* y = Y + ((nint)firstRow * Outputs) + begin;
            for (int row = 0; row < rows; row++, totals += PanelRows, y += Outputs)
            {
                for (int j = 0; j < PanelRows; j += S.Count)
                {
                    V total = S.Load(totals + j);
                    if (Bias is not null) total = S.Add(total, S.Load(bias + j));
                    // 0 · finite = ±0; 0 · ∞ and 0 · NaN are NaN, and a NaN stays.
                    doubt = S.Fma(total, zero, doubt);
                    S.Store(total, width == PanelRows ? y + j : totals + j);
                }
                if (width < PanelRows) new ReadOnlySpan<float>(totals, width).CopyTo(new Span<float>(y, width));
            }
        }
        float* lanes = stackalloc float[S.Count];
        S.Store(doubt, lanes);
        for (int j = 0; j < S.Count; j++)
            if (float.IsNaN(lanes[j])) Volatile.Write(ref *NonFinite, 1);
    }

    private static int Divide(int a, int b) => (a + b - 1) / b;
}
