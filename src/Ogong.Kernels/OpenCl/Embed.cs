using Ogong.Compute;

namespace Ogong.Kernels.OpenCl;

internal sealed partial class OpenClQueue
{
    protected override void EmbedCore(Weight table, DeviceBuffer tokens, DeviceBuffer y, int rows)
    {
        string name = table.Type.IsBlock() ? "integer_embed" : "embed";
        LaunchItems(
            Kernel($"{name}.cl", name, DeviceShape.Elementwise, table.Type), table.Columns, rows, 1,
            OpenClWeight.From(table).Memory, Memory(tokens), Memory(y), rows, table.Columns);
    }
}
