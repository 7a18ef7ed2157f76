using Ogong.Compute;
using Ogong.Models;

namespace Ogong.Engine;

/// <summary>
/// The rows of the output projection in the order in which patches are cut: channel, then position in the patch, where the file has position, then channel. Channels past the latent's predict a
/// variance, which no scheduler here uses, and are left in the file.
/// </summary>
internal static class OutputRows
{
    /// <summary>The tensor itself, unless it is one of the output projection.</summary>
    public static ITensorSource Select(ITensorSource tensor, DenoiserConfig config) => tensor.Name switch
    {
        DenoiserTensors.OutputProjection => Select(tensor, config, isVector: false),
        DenoiserTensors.OutputBias => Select(tensor, config, isVector: true),
        _ => tensor,
    };

    private static MemoryTensor Select(ITensorSource tensor, DenoiserConfig config, bool isVector)
    {
        int area = config.PatchArea, size = isVector ? tensor.Type.Size() : checked((int)tensor.Type.RowBytes(tensor.Columns));
        byte[] bytes = new byte[config.PatchValues * size];
        for (int row = 0; row < config.PatchValues; row++)
        {
            int stored = (row % area * config.OutputChannels) + (row / area);
            ReadOnlySpan<byte> from = isVector ? tensor.ReadRows(0, 1).Slice(stored * size, size) : tensor.ReadRows(stored, 1);
            from.CopyTo(bytes.AsSpan(row * size));
        }
        return isVector
            ? new MemoryTensor(tensor.Name, tensor.Type, 1, config.PatchValues, bytes)
            : new MemoryTensor(tensor.Name, tensor.Type, config.PatchValues, tensor.Columns, bytes);
    }
}
