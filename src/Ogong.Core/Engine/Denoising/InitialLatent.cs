using Ogong.Diffusion;

namespace Ogong.Engine;

internal static class InitialLatent
{
    public static void Fill(Schedule schedule, ulong seed, Span<float> latent)
    {
        DenoiserTables.Noise(seed, 0, latent);
        foreach (ref float value in latent) value *= schedule.InitialNoiseScale;
    }
}
