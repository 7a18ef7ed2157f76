using Ogong.Compute;
using Ogong.Numerics;

namespace Ogong.Kernels.Reference;

internal sealed partial class ReferenceQueue
{
    // y[r, d] = mul(dot(h[r], sign[d]), div(1, sqrt(n)))
    protected override void SrpProjectCore(DeviceBuffer h, ulong bankSeed, DeviceBuffer y, int rows, int columns, int directions)
    {
        float scale = 1f / MathF.Sqrt(columns);
        float[] signs = new float[columns];
        for (int d = 0; d < directions; d++)
        {
            for (int c = 0; c < columns; c++) signs[c] = Randomness.SrpSign(bankSeed, d, c);
            for (int r = 0; r < rows; r++)
                Row<float>(y, r, directions)[d] = Reductions.Dot(Row<float>(h, r, columns), signs) * scale;
        }
        CheckFinite(y, rows, directions, Operation.SrpProject);
    }
}
