using Ogong.Compute;

namespace Ogong.Kernels.OpenCl;

internal sealed partial class OpenClQueue
{
    private const int SrpRows = 4;

    protected override void SrpProjectCore(DeviceBuffer h, ulong bankSeed, DeviceBuffer y, int rows, int columns, int directions) =>
        Launch(
            Kernel("srp_project.cl", "srp_project", Shape.Group, rows: SrpRows),
            (((directions + Shape.Lanes - 1) / Shape.Lanes + Shape.Group - 1) / Shape.Group, (rows + SrpRows - 1) / SrpRows, 1), Shape.Group,
            Memory(h), Memory(y), _faultWords.Memory, NextFault(Operation.SrpProject, directions), bankSeed, 1f / MathF.Sqrt(columns), rows, columns, directions);
}
