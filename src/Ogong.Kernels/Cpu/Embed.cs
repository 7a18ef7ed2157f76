using Ogong.Compute;
using Ogong.Kernels.Host;

namespace Ogong.Kernels.Cpu;

/// <summary><c>y[r] = table[tokens[r]]</c>, widened: one row of a panel, a cache line apart per column.</summary>
internal sealed unsafe partial class CpuQueue
{
    protected override void EmbedCore(Weight table, DeviceBuffer tokens, DeviceBuffer y, int rows)
    {
        CpuWeight weight = CpuWeight.From(table);
        int* ids = HostBuffer.From(tokens).Ints;
        float* output = HostBuffer.From(y).Floats;
        for (int row = 0; row < rows; row++)
        {
            if ((uint)ids[row] >= (uint)table.Rows)
                throw new ArgumentException($"Token {ids[row]} of row {row} is outside the table of {table.Rows}.", nameof(tokens));
            weight.CopyRow(ids[row], output + ((nint)row * table.Columns));
        }
    }
}
