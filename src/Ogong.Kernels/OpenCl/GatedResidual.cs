using Ogong.Compute;

namespace Ogong.Kernels.OpenCl;

internal sealed partial class OpenClQueue
{
    protected override void GatedResidualCore(DeviceBuffer x, DeviceBuffer y, SampleParameters parameters, int gate, int rows, int columns) =>
        LaunchItems(
            Kernel("gated_residual.cl", "gated_residual", DeviceShape.Elementwise), columns, rows, 1,
            Memory(x), Memory(y), Memory(parameters.Values), _faultWords.Memory, NextFault(Operation.GatedResidual, columns),
            columns, parameters.Stride, parameters.RowsPerSample, gate);
}
