using Ogong.Compute;
using Ogong.Numerics;

namespace Ogong.Kernels.Reference;

internal sealed partial class ReferenceQueue
{
    // y = fma(mul(d, r), weight, bias); an absent weight is 1, an absent bias +0
    protected override void LayerNormCore(DeviceBuffer x, DeviceBuffer? weight, DeviceBuffer? bias, float epsilon, DeviceBuffer y, int rows, int columns)
    {
        for (int row = 0; row < rows; row++)
        {
            Span<float> output = Row<float>(y, row, columns);
            Normalize(Row<float>(x, row, columns), epsilon, output);
            for (int i = 0; i < columns; i++)
            {
                float w = weight is null ? 1f : Row<float>(weight, i, 1)[0], b = bias is null ? 0f : Row<float>(bias, i, 1)[0];
                output[i] = MathF.FusedMultiplyAdd(output[i], w, b);
            }
        }
        CheckFinite(y, rows, columns, Operation.LayerNorm);
    }

    // mu = div(sum(x), n), d = sub(x, mu), r = div(1, sqrt(add(div(sum(d²), n), eps))), or NaN if sum(d²) is not finite; mul(d, r)
    private static void Normalize(ReadOnlySpan<float> x, float epsilon, Span<float> normalized)
    {
        float mean = Reductions.Sum(x) / x.Length;
        for (int i = 0; i < x.Length; i++) normalized[i] = x[i] - mean;
        float sum = Reductions.SumOfSquares(normalized);
        float r = float.IsFinite(sum) ? 1f / MathF.Sqrt((sum / x.Length) + epsilon) : float.NaN;
        foreach (ref float d in normalized) d *= r;
    }
}
