using Ogong.Compute;
using Ogong.Kernels.Host;
using Ogong.Numerics;

namespace Ogong.Kernels.Cpu;

internal sealed unsafe partial class CpuQueue
{
    protected override void RmsNormCore(DeviceBuffer x, DeviceBuffer weight, float epsilon, DeviceBuffer y, int rows, int columns)
    {
        bool finite = true;
        float* output = HostBuffer.From(y).Floats;
        int perTask = RowsPerTask(columns);
        Run(Tasks(rows, perTask), new RmsNormJob(HostBuffer.From(x).Floats, HostBuffer.From(weight).Floats, epsilon, output, rows, columns,
            perTask, &finite));
        if (!finite) CheckFinite(output, rows, columns, Operation.RmsNorm);
    }

    /// <summary>Some rows per task. Per row one read for Σx² (a tree per 256 columns) and one for y, from cache.</summary>
    private readonly struct RmsNormJob(float* x, float* weight, float epsilon, float* y, int rows, int columns, int perTask,
        bool* finite) : IVectorJob
    {
        public void Execute<S, V>(int task) where S : struct, ISimd<V> where V : unmanaged
        {
            // One buffer for whole chunks, one for the last, whose absent lanes stay +0.
            float* squares = stackalloc float[2 * Reductions.Chunk];
            int first = task * perTask, end = Math.Min(first + perTask, rows);
            for (int row = first; row < end; row++)
            {
                float* from = x + ((long)row * columns), to = y + ((long)row * columns);
                float sum = SumOfSquares<S, V>(from, squares);
                float r = float.IsFinite(sum) ? 1f / MathF.Sqrt((sum / columns) + epsilon) : float.NaN;
                Scale<SimdScalar, float>(from, to, r, Scale<S, V>(from, to, r, 0));
            }
            if (!IsFinite(y + ((long)first * columns), (long)(end - first) * columns)) *finite = false;
        }

        private float SumOfSquares<S, V>(float* row, float* squares) where S : struct, ISimd<V> where V : unmanaged
        {
            float total = 0f;
            for (int start = 0; start < columns; start += Reductions.Chunk)
            {
                int count = Math.Min(Reductions.Chunk, columns - start);
                float* buffer = count == Reductions.Chunk ? squares : squares + Reductions.Chunk;
                Square<SimdScalar, float>(row + start, buffer, count, Square<S, V>(row + start, buffer, count, 0));
                total += VectorMath.TreeSum256<S, V>(buffer);
            }
            return total;
        }

        private static int Square<S, V>(float* from, float* to, int count, int k) where S : struct, ISimd<V> where V : unmanaged
        {
            for (; k <= count - S.Count; k += S.Count)
            {
                V v = S.Load(from + k);
                S.Store(S.Mul(v, v), to + k);
            }
            return k;
        }

        /// <summary>From column <paramref name="k"/> on while a whole vector fits; returns the column reached.</summary>
        private int Scale<S, V>(float* from, float* to, float r, int k) where S : struct, ISimd<V> where V : unmanaged
        {
            V factor = S.Broadcast(r);
            for (; k <= columns - S.Count; k += S.Count)
                S.Store(S.Mul(S.Mul(S.Load(from + k), factor), S.Load(weight + k)), to + k);
            return k;
        }
    }
}
