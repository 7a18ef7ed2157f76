using Ogong.Compute;
using Ogong.Kernels.Host;

namespace Ogong.Kernels.Cpu;

internal sealed unsafe partial class CpuQueue
{
    protected override void ResidualCore(DeviceBuffer x, DeviceBuffer y, long count)
    {
        bool finite = true;
        float* sum = HostBuffer.From(x).Floats;
        Run(Tasks(count, Grain), new ResidualJob(sum, HostBuffer.From(y).Floats, count, &finite));
        if (!finite) CheckFinite(sum, 1, checked((int)count), Operation.Residual);
    }

    private readonly struct ResidualJob(float* x, float* y, long count, bool* finite) : IVectorJob
    {
        public void Execute<S, V>(int task) where S : struct, ISimd<V> where V : unmanaged
        {
            long first = (long)task * Grain, end = Math.Min(first + Grain, count);
            Add<SimdScalar, float>(Add<S, V>(first, end), end);
            if (!IsFinite(x + first, end - first)) *finite = false;
        }

        private long Add<S, V>(long i, long end) where S : struct, ISimd<V> where V : unmanaged
        {
            for (; i <= end - S.Count; i += S.Count) S.Store(S.Add(S.Load(x + i), S.Load(y + i)), x + i);
            return i;
        }
    }
}
