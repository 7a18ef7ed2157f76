using Ogong.Compute;
using Ogong.Diffusion;

namespace Ogong.Cli.Diffusion;

/// <summary>How a latent is to be made.</summary>
/// <param name="Schedule">The scheduler and its steps.</param>
/// <param name="Seed">Where the noise comes from.</param>
/// <param name="Guidance">Scale of classifier-free guidance; 1 for none.</param>
/// <param name="Stride">Steps between committed latents.</param>
/// <param name="Mode">Numeric mode.</param>
internal sealed record DiffusionRequest(ScheduleParameters Schedule, ulong Seed, float Guidance, int Stride = 1, NumericMode Mode = NumericMode.Exact);
