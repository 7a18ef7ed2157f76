using Ogong.Compute;
using Ogong.Kernels.Host;

namespace Ogong.Kernels.Cpu;

/// <summary>A function of one element, on vectors.</summary>
internal interface IElementFunction
{
    static abstract V Apply<S, V>(V x) where S : struct, ISimd<V> where V : unmanaged;
}

internal sealed unsafe partial class CpuQueue
{
    private void Map<F>(DeviceBuffer x, DeviceBuffer y, long count) where F : unmanaged, IElementFunction =>
        Run(Tasks(count, Grain), new MapJob<F>(HostBuffer.From(x).Floats, HostBuffer.From(y).Floats, count));

    private readonly struct MapJob<F>(float* x, float* y, long count) : IVectorJob where F : unmanaged, IElementFunction
    {
        public void Execute<S, V>(int task) where S : struct, ISimd<V> where V : unmanaged
        {
            long first = (long)task * Grain, end = Math.Min(first + Grain, count);
            Apply<SimdScalar, float>(Apply<S, V>(first, end), end);
        }

        private long Apply<S, V>(long i, long end) where S : struct, ISimd<V> where V : unmanaged
        {
            for (; i <= end - S.Count; i += S.Count) S.Store(F.Apply<S, V>(S.Load(x + i)), y + i);
            return i;
        }
    }
}
