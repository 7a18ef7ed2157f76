using Ogong.Compute;
using Ogong.Kernels.Host;

namespace Ogong.Kernels.Cpu;

internal sealed unsafe partial class CpuQueue
{
    protected override void RopeCore(DeviceBuffer x, DeviceBuffer table, BatchLayout batch, int rows, int heads, int headDim)
    {
        int* positions = HostBuffer.From(batch.Positions).Ints;
        long entries = table.ByteLength / sizeof(float) / headDim;
        for (int row = 0; row < rows; row++)
            if ((uint)positions[row] >= entries)
                throw new ArgumentException($"Row {row} is at position {positions[row]}, the table has {entries}.", nameof(batch));
        int perTask = RowsPerTask(heads * headDim);
        Run(Tasks(rows, perTask), new RopeJob(HostBuffer.From(x).Floats, HostBuffer.From(table).Floats, positions, rows, heads, headDim,
            perTask));
    }

    /// <summary>Some rows per task; vectors run over the pairs (i, i + d) of a head.</summary>
    private readonly struct RopeJob(float* x, float* table, int* positions, int rows, int heads, int headDim, int perTask) : IVectorJob
    {
        public void Execute<S, V>(int task) where S : struct, ISimd<V> where V : unmanaged
        {
            int first = task * perTask, end = Math.Min(first + perTask, rows);
            for (int row = first; row < end; row++)
            {
                float* angles = table + ((long)positions[row] * headDim);
                for (int head = 0; head < heads; head++)
                {
                    float* p = x + ((((long)row * heads) + head) * headDim);
                    Rotate<SimdScalar, float>(p, angles, Rotate<S, V>(p, angles, 0));
                }
            }
        }

        private int Rotate<S, V>(float* p, float* angles, int i) where S : struct, ISimd<V> where V : unmanaged
        {
            int d = headDim / 2;
            V negative = S.IntBroadcast(0x8000_0000);
            for (; i <= d - S.Count; i += S.Count)
            {
                V a = S.Load(p + i), b = S.Load(p + d + i), cos = S.Load(angles + i), sin = S.Load(angles + d + i);
                S.Store(S.Fma(S.Xor(b, negative), sin, S.Mul(a, cos)), p + i);
                S.Store(S.Fma(a, sin, S.Mul(b, cos)), p + d + i);
            }
            return i;
        }
    }
}
