using Ogong.Diffusion;
using Ogong.Models;

namespace Ogong.Engine;

/// <summary>What layers of a denoiser are paid by.</summary>
internal static class DenoiserWork
{
    /// <summary>Work units of a range of layers for all steps and branches of an order.</summary>
    /// <exception cref="OverflowException">They exceed 64 bits.</exception>
    public static ulong UnitsOf(DenoiserConfig config, LayerRange layers, DiffusionOrder order) => UnitsOf(config, layers, order, order.Steps);

    /// <summary>Work units of a range of layers for some of the steps of an order.</summary>
    /// <inheritdoc cref="UnitsOf(DenoiserConfig, LayerRange, DiffusionOrder)"/>
    public static ulong UnitsOf(DenoiserConfig config, LayerRange layers, DiffusionOrder order, int steps) => checked((ulong)DenoiserUnits.Of(config).Segment(
        layers.Count, layers.First == 0, layers.End == config.Layers, (long)steps * order.Branches));
}
