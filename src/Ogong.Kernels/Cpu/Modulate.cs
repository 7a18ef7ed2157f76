using Ogong.Compute;
using Ogong.Kernels.Host;

namespace Ogong.Kernels.Cpu;

internal sealed unsafe partial class CpuQueue
{
    protected override void ModulateCore(DeviceBuffer x, SampleParameters parameters, int shift, int scale, float epsilon, DeviceBuffer y,
        int rows, int columns)
    {
        bool finite = true;
        float* output = HostBuffer.From(y).Floats, values = HostBuffer.From(parameters.Values).Floats;
        int perTask = RowsPerTask(columns);
        Run(Tasks(rows, perTask), new ModulateJob(HostBuffer.From(x).Floats, values + shift, values + scale, parameters.Stride,
            parameters.RowsPerSample, epsilon, output, rows, columns, perTask, &finite));
        if (!finite) CheckFinite(output, rows, columns, Operation.Modulate);
    }

    /// <summary>Some rows per task; shifts and scales of a sample stay in a near cache from row to row.</summary>
    private readonly struct ModulateJob(float* x, float* shifts, float* scales, int stride, int rowsPerSample, float epsilon, float* y,
        int rows, int columns, int perTask, bool* finite) : IVectorJob
    {
        public void Execute<S, V>(int task) where S : struct, ISimd<V> where V : unmanaged
        {
            float* buffer = stackalloc float[RowStatistics.BufferLength];
            int first = task * perTask, end = Math.Min(first + perTask, rows);
            for (int row = first; row < end; row++)
            {
                float* from = x + ((long)row * columns), to = y + ((long)row * columns);
                long sample = (long)(row / rowsPerSample) * stride;
                (float mean, float r) = RowStatistics.Of<S, V>(from, columns, epsilon, buffer);
                int tail = Scale<S, V>(from, to, mean, r, shifts + sample, scales + sample, 0);
                Scale<SimdScalar, float>(from, to, mean, r, shifts + sample, scales + sample, tail);
            }
            if (!IsFinite(y + ((long)first * columns), (long)(end - first) * columns)) *finite = false;
        }

        /// <summary>From column <paramref name="k"/> on while a whole vector fits; returns the column reached.</summary>
        private int Scale<S, V>(float* from, float* to, float mean, float r, float* shift, float* scale, int k)
            where S : struct, ISimd<V> where V : unmanaged
        {
            V mu = S.Broadcast(mean), factor = S.Broadcast(r), one = S.Broadcast(1f);
            for (; k <= columns - S.Count; k += S.Count)
            {
                V normalized = S.Mul(S.Sub(S.Load(from + k), mu), factor);
                S.Store(S.Fma(normalized, S.Add(one, S.Load(scale + k)), S.Load(shift + k)), to + k);
            }
            return k;
        }
    }
}
