using Ogong.Compute;
using Ogong.Numerics;

namespace Ogong.Kernels.Reference;

internal sealed partial class ReferenceQueue
{
    protected override void LinearCore(DeviceBuffer x, Weight w, DeviceBuffer? bias, DeviceBuffer y, int rows, NumericMode mode)
    {
        if (w.Type.IsBlock()) IntegerLinear(x, ReferenceWeight.From(w), bias, y, rows);
        else FloatLinear(x, w, bias, y, rows, mode);
        CheckFinite(y, rows, w.Rows, Operation.Linear, w);
    }

    // y[r, j] = dot(x[r], w[j]), then add(·, bias[j]); fast mode first rounds x to bfloat16
    private static void FloatLinear(DeviceBuffer x, Weight w, DeviceBuffer? bias, DeviceBuffer y, int rows, NumericMode mode)
    {
        float[] input = new float[w.Columns], weights = new float[w.Columns];
        for (int j = 0; j < w.Rows; j++)
        {
            ReferenceWeight.From(w).ReadRow(j, weights);
            for (int r = 0; r < rows; r++)
            {
                Row<float>(x, r, w.Columns).CopyTo(input);
                if (mode == NumericMode.Fast)
                    for (int k = 0; k < input.Length; k++) input[k] = BFloat16Format.Widen(BFloat16Format.Round(input[k]));
                float dot = Reductions.Dot(input, weights);
                Row<float>(y, r, w.Rows)[j] = bias is null ? dot : dot + Row<float>(bias, j, 1)[0];
            }
        }
    }
}
