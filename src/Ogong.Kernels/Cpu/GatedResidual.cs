using Ogong.Compute;
using Ogong.Kernels.Host;

namespace Ogong.Kernels.Cpu;

internal sealed unsafe partial class CpuQueue
{
    protected override void GatedResidualCore(DeviceBuffer x, DeviceBuffer y, SampleParameters parameters, int gate, int rows, int columns)
    {
        bool finite = true;
        float* sum = HostBuffer.From(x).Floats;
        int perTask = RowsPerTask(columns);
        Run(Tasks(rows, perTask), new GatedResidualJob(sum, HostBuffer.From(y).Floats, HostBuffer.From(parameters.Values).Floats + gate,
            parameters.Stride, parameters.RowsPerSample, rows, columns, perTask, &finite));
        if (!finite) CheckFinite(sum, rows, columns, Operation.GatedResidual);
    }

    private readonly struct GatedResidualJob(float* x, float* y, float* gates, int stride, int rowsPerSample, int rows, int columns,
        int perTask, bool* finite) : IVectorJob
    {
        public void Execute<S, V>(int task) where S : struct, ISimd<V> where V : unmanaged
        {
            int first = task * perTask, end = Math.Min(first + perTask, rows);
            for (int row = first; row < end; row++)
            {
                float* sum = x + ((long)row * columns), term = y + ((long)row * columns),
                    gate = gates + ((long)(row / rowsPerSample) * stride);
                Add<SimdScalar, float>(sum, term, gate, Add<S, V>(sum, term, gate, 0));
            }
            if (!IsFinite(x + ((long)first * columns), (long)(end - first) * columns)) *finite = false;
        }

        private int Add<S, V>(float* sum, float* term, float* gate, int k) where S : struct, ISimd<V> where V : unmanaged
        {
            for (; k <= columns - S.Count; k += S.Count)
                S.Store(S.Fma(S.Load(gate + k), S.Load(term + k), S.Load(sum + k)), sum + k);
            return k;
        }
    }
}
