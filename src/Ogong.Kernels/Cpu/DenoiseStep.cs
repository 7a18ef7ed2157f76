using Ogong.Compute;
using Ogong.Kernels.Host;

namespace Ogong.Kernels.Cpu;

internal sealed unsafe partial class CpuQueue
{
    protected override void DenoiseStepCore(DeviceBuffer x, DeviceBuffer output, DeviceBuffer? noise, DeviceBuffer parameters,
        DeviceBuffer y, int samples, int count, bool guided)
    {
        bool finite = true;
        float* next = HostBuffer.From(y).Floats;
        int parts = Tasks(count, Grain);
        Run(checked(samples * parts), new DenoiseStepJob
        {
            X = HostBuffer.From(x).Floats, Output = HostBuffer.From(output).Floats,
            Noise = noise is null ? null : HostBuffer.From(noise).Floats, Y = next,
            Rows = (DenoiseRow*)HostBuffer.From(parameters).Pointer, Unconditional = guided ? (long)samples * count : 0, Count = count,
            Parts = parts, Finite = &finite,
        });
        if (!finite) CheckFinite(next, samples, count, Operation.DenoiseStep);
    }

    /// <summary>At most <see cref="Grain"/> elements of one sample per task.</summary>
    private struct DenoiseStepJob : IVectorJob
    {
        public float* X, Output, Noise, Y;
        public DenoiseRow* Rows;

        /// <summary>Elements from the conditional to the unconditional branch; 0 without guidance.</summary>
        public long Unconditional;

        public int Count, Parts;
        public bool* Finite;

        public readonly void Execute<S, V>(int task) where S : struct, ISimd<V> where V : unmanaged
        {
            int sample = task / Parts, from = task % Parts * Grain, to = (int)Math.Min((long)from + Grain, Count);
            long first = ((long)sample * Count) + from, end = ((long)sample * Count) + to;
            Advance<SimdScalar, float>(Rows[sample], Advance<S, V>(Rows[sample], first, end), end);
            if (!IsFinite(Y + first, end - first)) *Finite = false;
        }

        private readonly long Advance<S, V>(in DenoiseRow row, long i, long end) where S : struct, ISimd<V> where V : unmanaged
        {
            V limit = S.Broadcast(row.DataLimit), lowest = S.Broadcast(-row.DataLimit);
            for (; i <= end - S.Count; i += S.Count)
            {
                V x = S.Load(X + i), v = S.Load(Output + i);
                if (Unconditional != 0)
                {
                    V unconditional = S.Load(Output + Unconditional + i);
                    v = S.Fma(S.Broadcast(row.Guidance), S.Sub(v, unconditional), unconditional);
                }
                V data = S.Fma(S.Broadcast(row.DataFromOutput), v, S.Mul(S.Broadcast(row.DataFromLatent), x));
                data = S.Select(S.LessThan(data, lowest), lowest, data);
                data = S.Select(S.LessThan(limit, data), limit, data);
                V next = S.Fma(S.Broadcast(row.FromData), data, S.Mul(S.Broadcast(row.FromLatent), x));
                next = S.Fma(S.Broadcast(row.FromOutput), v, next);
                if (Noise is not null) next = S.Fma(S.Broadcast(row.FromNoise), S.Load(Noise + i), next);
                S.Store(next, Y + i);
            }
            return i;
        }
    }
}
