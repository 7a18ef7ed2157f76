using Ogong.Compute;

namespace Ogong.Kernels.Reference;

internal sealed partial class ReferenceQueue
{
    // y = fma(mul(d, r), add(1, scale), shift), d and r as in LayerNorm
    protected override void ModulateCore(DeviceBuffer x, SampleParameters parameters, int shift, int scale, float epsilon, DeviceBuffer y, int rows, int columns)
    {
        for (int row = 0; row < rows; row++)
        {
            Span<float> output = Row<float>(y, row, columns), shifts = SampleVector(parameters, row, shift, columns), scales = SampleVector(parameters, row, scale, columns);
            Normalize(Row<float>(x, row, columns), epsilon, output);
            for (int i = 0; i < columns; i++) output[i] = MathF.FusedMultiplyAdd(output[i], 1f + scales[i], shifts[i]);
        }
        CheckFinite(y, rows, columns, Operation.Modulate);
    }

    // The vector at an offset of the parameters of a row's sample.
    private static Span<float> SampleVector(SampleParameters parameters, int row, int offset, int columns) =>
        Row<float>(parameters.Values, row / parameters.RowsPerSample, parameters.Stride, offset, columns);
}
