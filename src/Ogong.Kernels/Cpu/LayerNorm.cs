using Ogong.Compute;
using Ogong.Kernels.Host;

namespace Ogong.Kernels.Cpu;

internal sealed unsafe partial class CpuQueue
{
    protected override void LayerNormCore(DeviceBuffer x, DeviceBuffer? weight, DeviceBuffer? bias, float epsilon, DeviceBuffer y,
        int rows, int columns)
    {
        bool finite = true;
        float* output = HostBuffer.From(y).Floats, w = weight is null ? null : HostBuffer.From(weight).Floats,
            b = bias is null ? null : HostBuffer.From(bias).Floats;
        int perTask = RowsPerTask(columns);
        Run(Tasks(rows, perTask), new LayerNormJob(HostBuffer.From(x).Floats, w, b, epsilon, output, rows, columns, perTask, &finite));
        if (!finite) CheckFinite(output, rows, columns, Operation.LayerNorm);
    }

    /// <summary>Some rows per task; the row is read three times, twice from the nearest cache.</summary>
    private readonly struct LayerNormJob(float* x, float* weight, float* bias, float epsilon, float* y, int rows, int columns, int perTask,
        bool* finite) : IVectorJob
    {
        public void Execute<S, V>(int task) where S : struct, ISimd<V> where V : unmanaged
        {
            float* buffer = stackalloc float[RowStatistics.BufferLength];
            int first = task * perTask, end = Math.Min(first + perTask, rows);
            for (int row = first; row < end; row++)
            {
                float* from = x + ((long)row * columns), to = y + ((long)row * columns);
                (float mean, float r) = RowStatistics.Of<S, V>(from, columns, epsilon, buffer);
                Scale<SimdScalar, float>(from, to, mean, r, Scale<S, V>(from, to, mean, r, 0));
            }
            if (!IsFinite(y + ((long)first * columns), (long)(end - first) * columns)) *finite = false;
        }

        /// <summary>From column <paramref name="k"/> on while a whole vector fits; returns the column reached.</summary>
        private int Scale<S, V>(float* from, float* to, float mean, float r, int k) where S : struct, ISimd<V> where V : unmanaged
        {
            V mu = S.Broadcast(mean), factor = S.Broadcast(r), one = S.Broadcast(1f), zero = S.Broadcast(0f);
            for (; k <= columns - S.Count; k += S.Count)
            {
                V w = weight is null ? one : S.Load(weight + k), b = bias is null ? zero : S.Load(bias + k);
                S.Store(S.Fma(S.Mul(S.Sub(S.Load(from + k), mu), factor), w, b), to + k);
            }
            return k;
        }
    }
}
