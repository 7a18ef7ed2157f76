using Ogong.Compute;

namespace Ogong.Kernels.Reference;

internal sealed partial class ReferenceQueue
{
    // x = fma(gate, y, x)
    protected override void GatedResidualCore(DeviceBuffer x, DeviceBuffer y, SampleParameters parameters, int gate, int rows, int columns)
    {
        for (int row = 0; row < rows; row++)
        {
            Span<float> sum = Row<float>(x, row, columns), term = Row<float>(y, row, columns), gates = SampleVector(parameters, row, gate, columns);
            for (int i = 0; i < columns; i++) sum[i] = MathF.FusedMultiplyAdd(gates[i], term[i], sum[i]);
        }
        CheckFinite(x, rows, columns, Operation.GatedResidual);
    }
}
