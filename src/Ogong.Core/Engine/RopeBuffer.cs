using Ogong.Compute;
using Ogong.Models;
using Ogong.Numerics;

namespace Ogong.Engine;

/// <summary>The rotary table of a model on a device.</summary>
internal static class RopeBuffer
{
    /// <summary>Uploads positions [0, <paramref name="positions"/>): per position HeadDim/2 cosines, then HeadDim/2 sines.</summary>
    public static DeviceBuffer Upload(IBackend backend, ComputeQueue queue, ModelConfig config, int positions)
    {
        DeviceBuffer buffer = backend.Allocate(4L * positions * config.HeadDim);
        queue.Write<float>(new RopeTable(config.RopeTheta, config.HeadDim, config.RopeScaling?.OfTable).Build(positions), buffer);
        return buffer;
    }
}
