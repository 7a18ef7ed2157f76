using Ogong.Compute;
using Ogong.Kernels.Host;

namespace Ogong.Kernels.Cpu;

internal sealed unsafe partial class CpuQueue
{
    protected override void DenoiseInputCore(DeviceBuffer x, DeviceBuffer parameters, DeviceBuffer y, int samples, int count, int branches)
    {
        var rows = (DenoiseRow*)HostBuffer.From(parameters).Pointer;
        int parts = Tasks(count, Grain);
        Run(checked(branches * samples * parts), new DenoiseInputJob(HostBuffer.From(x).Floats, rows, HostBuffer.From(y).Floats, samples,
            count, parts));
    }

    /// <summary>At most <see cref="Grain"/> elements of one branch of one sample per task.</summary>
    private readonly struct DenoiseInputJob(float* x, DenoiseRow* rows, float* y, int samples, int count, int parts) : IVectorJob
    {
        public void Execute<S, V>(int task) where S : struct, ISimd<V> where V : unmanaged
        {
            int row = task / parts, first = task % parts * Grain, end = (int)Math.Min((long)first + Grain, count);
            float* from = x + ((long)(row % samples) * count), to = y + ((long)row * count);
            float scale = rows[row % samples].InputScale;
            Scale<SimdScalar, float>(from, to, scale, Scale<S, V>(from, to, scale, first, end), end);
        }

        private static int Scale<S, V>(float* from, float* to, float scale, int i, int end) where S : struct, ISimd<V> where V : unmanaged
        {
            V factor = S.Broadcast(scale);
            for (; i <= end - S.Count; i += S.Count) S.Store(S.Mul(factor, S.Load(from + i)), to + i);
            return i;
        }
    }
}
