using Ogong.Compute;

namespace Ogong.Kernels.Reference;

internal sealed partial class ReferenceQueue
{
    // y[r] = table[tokens[r]], widened
    protected override void EmbedCore(Weight table, DeviceBuffer tokens, DeviceBuffer y, int rows)
    {
        for (int r = 0; r < rows; r++)
            ReferenceWeight.From(table).ReadRow(Index(tokens, r, table.Rows, nameof(tokens)), Row<float>(y, r, table.Columns));
    }
}
