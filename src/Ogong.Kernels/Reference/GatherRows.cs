using Ogong.Compute;

namespace Ogong.Kernels.Reference;

internal sealed partial class ReferenceQueue
{
    // y[i] = x[indices[i]]
    protected override void GatherRowsCore(DeviceBuffer x, DeviceBuffer indices, DeviceBuffer y, int rows, int columns)
    {
        int available = (int)Math.Min(int.MaxValue, x.ByteLength / sizeof(float) / columns);
        for (int i = 0; i < rows; i++)
            Row<float>(x, Index(indices, i, available, nameof(indices)), columns).CopyTo(Row<float>(y, i, columns));
    }
}
