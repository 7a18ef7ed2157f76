using Ogong.Compute;

namespace Ogong.Kernels.Reference;

internal sealed partial class ReferenceQueue
{
    // a' = fma(-b, sin, mul(a, cos)), b' = fma(a, sin, mul(b, cos)), for a = x[i], b = x[i + d], d = headDim / 2
    protected override void RopeCore(DeviceBuffer x, DeviceBuffer table, BatchLayout batch, int rows, int heads, int headDim)
    {
        int d = headDim / 2;
        for (int row = 0; row < rows; row++)
        {
            Span<float> angles = Row<float>(table, Element(batch.Positions, row), headDim);
            for (int head = 0; head < heads; head++)
            {
                Span<float> v = Row<float>(x, row, heads * headDim).Slice(head * headDim, headDim);
                for (int i = 0; i < d; i++)
                {
                    float a = v[i], b = v[i + d], cos = angles[i], sin = angles[i + d];
                    v[i] = MathF.FusedMultiplyAdd(-b, sin, a * cos);
                    v[i + d] = MathF.FusedMultiplyAdd(a, sin, b * cos);
                }
            }
        }
    }
}
