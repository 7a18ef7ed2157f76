using Ogong.Diffusion;
using Ogong.Numerics;

namespace Ogong.Engine;

internal static class InitialLatent
{
    public static void Fill(Schedule schedule, ulong seed, Span<float> latent)
    {
        NormalNoise.Fill(seed, NormalNoise.InitialDraw, latent);
        foreach (ref float value in latent) value *= schedule.InitialNoiseScale;
    }
}
