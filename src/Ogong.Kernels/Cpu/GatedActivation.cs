using Ogong.Compute;
using Ogong.Kernels.Host;

namespace Ogong.Kernels.Cpu;

internal sealed unsafe partial class CpuQueue
{
    protected override void GatedActivationCore(DeviceBuffer gate, DeviceBuffer up, DeviceBuffer y, long count) =>
        Run(Tasks(count, Grain), new GatedActivationJob(HostBuffer.From(gate).Floats, HostBuffer.From(up).Floats,
            HostBuffer.From(y).Floats, count));

    private readonly struct GatedActivationJob(float* gate, float* up, float* y, long count) : IVectorJob
    {
        public void Execute<S, V>(int task) where S : struct, ISimd<V> where V : unmanaged
        {
            long first = (long)task * Grain, end = Math.Min(first + Grain, count);
            Activate<SimdScalar, float>(Activate<S, V>(first, end), end);
        }

        private long Activate<S, V>(long i, long end) where S : struct, ISimd<V> where V : unmanaged
        {
            V one = S.Broadcast(1f), negative = S.IntBroadcast(0x8000_0000);
            for (; i <= end - S.Count; i += S.Count)
            {
                V g = S.Load(gate + i);
                V denominator = S.Add(one, VectorMath.Exp<S, V>(S.Xor(g, negative)));
                S.Store(S.Mul(S.Div(g, denominator), S.Load(up + i)), y + i);
            }
            return i;
        }
    }
}
