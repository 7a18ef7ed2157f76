using Ogong.Compute;

namespace Ogong.Kernels.OpenCl;

internal sealed partial class OpenClQueue
{
    protected override void ModulateCore(DeviceBuffer x, SampleParameters parameters, int shift, int scale, float epsilon, DeviceBuffer y, int rows, int columns) =>
        Launch(
            Kernel("modulate.cl", "modulate", Shape.Group), (rows, 1, 1), Shape.Group,
            Memory(x), Memory(parameters.Values), Memory(y), _faultWords.Memory, NextFault(Operation.Modulate, columns), epsilon, columns,
            parameters.Stride, parameters.RowsPerSample, shift, scale);
}
