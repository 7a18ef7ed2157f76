using Ogong.Compute;
using Ogong.Kernels.Host;

namespace Ogong.Kernels.Cpu;

/// <summary>
/// <c>y[r, j] = dot(x[r], w[j]) (+ bias[j])</c>: per output, chunks of 256 columns accumulate by fused multiply-add in ascending order, chunk sums are added in ascending order, the bias last
/// (profile exact-1, §2). Vector lanes are outputs, so no width, tile or thread count changes a bit; in fast mode x is rounded to bfloat16 first.
/// </summary>
internal sealed unsafe partial class CpuQueue
{
    /// <summary>Rows packed at a time: bounds the scratch memory, and is enough to use each weight often.</summary>
    private const int PassRows = 384;

    /// <summary>Rows of one task: with 256 columns they fill a fifth of a 1 MB second-level cache.</summary>
    private const int TaskRows = 192;

    private readonly Scratch _packed = new();

    /// <summary>Rows whose accumulators, two vectors each, fit the registers: 24 of AVX-512's 32, 12 of 16.</summary>
    private static int TileRows(int bits) => bits == 512 ? 12 : 6;

    protected override void LinearCore(DeviceBuffer x, Weight w, DeviceBuffer? bias, DeviceBuffer y, int rows, NumericMode mode)
    {
        CpuWeight weight = CpuWeight.From(w);
        float* input = HostBuffer.From(x).Floats, output = HostBuffer.From(y).Floats;
        float* biases = bias is null ? null : HostBuffer.From(bias).Floats;
        bool finite = true;
        for (int row = 0; row < rows; row += PassRows)
        {
            int count = Math.Min(PassRows, rows - row);
            finite &= RunPass(input + ((nint)row * w.Columns), weight, biases, output + ((nint)row * w.Rows), count, mode);
        }
        if (!finite) CheckFinite(output, rows, w.Rows, Operation.Linear, w);
    }

    private bool RunPass(float* x, CpuWeight w, float* bias, float* y, int rows, NumericMode mode)
    {
        if (w.Type.IsBlock()) return RunIntegerPass(x, w, bias, y, rows);
        int bits = Backend.VectorBits;
        var tiles = new RowTiles(rows, TileRows(bits));
        if (rows > 1 || mode == NumericMode.Fast)
        {
            float* packed = (float*)_packed.Reserve((long)rows * w.Columns * sizeof(float));
            var pack = new PackActivations { X = x, Packed = packed, Columns = w.Columns, Tiles = tiles, Mode = mode };
            Backend.Pool.Run(pack.Tasks, pack);
            x = packed;
        }
        return w.Type switch
        {
            ElementType.F32 => RunTasks<LinearTile<PanelF32>>(x, w, bias, y, tiles, bits),
            ElementType.BF16 => RunTasks<LinearTile<PanelBF16>>(x, w, bias, y, tiles, bits),
            _ => RunTasks<LinearTile<PanelF16>>(x, w, bias, y, tiles, bits),
        };
    }

    private bool RunTasks<TKernel>(float* x, CpuWeight w, float* bias, float* y, RowTiles tiles, int bits) where TKernel : ILinearKernel
    {
        int nonFinite = 0;
        int taskTiles = TaskRows / TileRows(bits);
        int rowTasks = (tiles.Count + taskTiles - 1) / taskTiles;
        // Enough tasks that threads end together, few enough that claiming them costs nothing.
        int taskPanels = Math.Clamp(w.Panels * rowTasks / (4 * Backend.Pool.Threads), 1, tiles.Count > 2 ? 8 : int.MaxValue);
        var job = new LinearJob<TKernel>
        {
            Weights = w.Pointer,
            PanelBytes = w.PanelBytes,
            X = x,
            Y = y,
            Bias = bias,
            Columns = w.Columns,
            Outputs = w.Rows,
            Tiles = tiles,
            TaskTiles = taskTiles,
            TaskPanels = taskPanels,
            // Few rows are bound by memory: read each panel from end to end.
            BlockPanels = tiles.Count > 2 ? taskPanels : 1,
            NonFinite = &nonFinite,
        };
        Run(job.Tasks, job, bits);
        return nonFinite == 0;
    }
}
