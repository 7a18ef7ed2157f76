using Ogong.Compute;
using Ogong.Numerics;

namespace Ogong.Kernels.Reference;

internal sealed partial class ReferenceQueue
{
    // Linear for block types, the same in both modes: the input in 256-chunks of 8 bits, integer sums within a chunk
    private static void IntegerLinear(DeviceBuffer x, ReferenceWeight w, DeviceBuffer? bias, DeviceBuffer y, int rows)
    {
        sbyte[] q = new sbyte[w.Columns];
        float[] dx = new float[(w.Columns + Reductions.Chunk - 1) / Reductions.Chunk];
        for (int r = 0; r < rows; r++)
        {
            Span<float> input = Row<float>(x, r, w.Columns);
            for (int chunk = 0; chunk < dx.Length; chunk++)
            {
                int begin = chunk * Reductions.Chunk, end = Math.Min(begin + Reductions.Chunk, w.Columns);
                dx[chunk] = ChunkQuantization.Quantize(input[begin..end], q.AsSpan(begin));
            }
            for (int j = 0; j < w.Rows; j++)
            {
                float dot = IntegerDot.Dot(w.Type, dx, q, w.StoredRow(j));
                Row<float>(y, r, w.Rows)[j] = bias is null ? dot : dot + Row<float>(bias, j, 1)[0];
            }
        }
    }
}
