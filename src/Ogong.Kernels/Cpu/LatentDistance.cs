using Ogong.Compute;
using Ogong.Kernels.Host;
using Ogong.Numerics;

namespace Ogong.Kernels.Cpu;

internal sealed unsafe partial class CpuQueue
{
    protected override void LatentDistanceCore(DeviceBuffer x, DeviceBuffer reference, DeviceBuffer y, int samples, int count)
    {
        float* distances = HostBuffer.From(y).Floats;
        Run(samples, new LatentDistanceJob(HostBuffer.From(x).Floats, HostBuffer.From(reference).Floats, distances, count));
        CheckFinite(distances, samples, 1, Operation.LatentDistance);
    }

    /// <summary>One sample per task: its chunks are added in order.</summary>
    private readonly struct LatentDistanceJob(float* x, float* reference, float* y, int count) : IVectorJob
    {
        public void Execute<S, V>(int task) where S : struct, ISimd<V> where V : unmanaged
        {
            float* latent = x + ((long)task * count), against = reference + ((long)task * count);
            float* differences = stackalloc float[Reductions.Chunk], squares = stackalloc float[Reductions.Chunk];
            float difference = 0f, norm = 0f;
            for (int start = 0; start < count; start += Reductions.Chunk)
            {
                int length = Math.Min(Reductions.Chunk, count - start);
                if (length < Reductions.Chunk)
                {
                    new Span<float>(differences, Reductions.Chunk).Clear();
                    new Span<float>(squares, Reductions.Chunk).Clear();
                }
                int tail = Square<S, V>(latent + start, against + start, differences, squares, 0, length);
                Square<SimdScalar, float>(latent + start, against + start, differences, squares, tail, length);
                difference += VectorMath.TreeSum256<S, V>(differences);
                norm += VectorMath.TreeSum256<S, V>(squares);
            }
            y[task] = ExactMath.RelativeNorm(difference, norm);
        }

        private static int Square<S, V>(float* latent, float* against, float* differences, float* squares, int k, int count)
            where S : struct, ISimd<V> where V : unmanaged
        {
            for (; k <= count - S.Count; k += S.Count)
            {
                V r = S.Load(against + k), d = S.Sub(S.Load(latent + k), r);
                S.Store(S.Mul(d, d), differences + k);
                S.Store(S.Mul(r, r), squares + k);
            }
            return k;
        }
    }
}
