using Ogong.Compute;
using Ogong.Kernels.Host;

namespace Ogong.Kernels.Cpu;

internal sealed unsafe partial class CpuQueue
{
    protected override void GatherRowsCore(DeviceBuffer x, DeviceBuffer indices, DeviceBuffer y, int rows, int columns)
    {
        int* index = HostBuffer.From(indices).Ints;
        float* from = HostBuffer.From(x).Floats, to = HostBuffer.From(y).Floats;
        long available = x.ByteLength / sizeof(float) / columns, bytes = (long)columns * sizeof(float);
        for (int row = 0; row < rows; row++)
        {
            if ((uint)index[row] >= available)
                throw new ArgumentException($"Index {index[row]} of row {row} is outside the {available} rows.", nameof(indices));
            Buffer.MemoryCopy(from + ((long)index[row] * columns), to + ((long)row * columns), bytes, bytes);
        }
    }
}
