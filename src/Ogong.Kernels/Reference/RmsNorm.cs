using Ogong.Compute;
using Ogong.Numerics;

namespace Ogong.Kernels.Reference;

internal sealed partial class ReferenceQueue
{
    // r = div(1, sqrt(add(div(sum(x²), n), eps))), or NaN if the sum is not finite: an infinite one would give r = 0 and hide itself
    // y = mul(mul(x, r), weight)
    protected override void RmsNormCore(DeviceBuffer x, DeviceBuffer weight, float epsilon, DeviceBuffer y, int rows, int columns)
    {
        Span<float> w = Row<float>(weight, 0, columns);
        for (int row = 0; row < rows; row++)
        {
            Span<float> input = Row<float>(x, row, columns), output = Row<float>(y, row, columns);
            float sum = Reductions.SumOfSquares(input);
            float r = float.IsFinite(sum) ? 1f / MathF.Sqrt((sum / columns) + epsilon) : float.NaN;
            for (int i = 0; i < columns; i++) output[i] = input[i] * r * w[i];
        }
        CheckFinite(y, rows, columns, Operation.RmsNorm);
    }
}
