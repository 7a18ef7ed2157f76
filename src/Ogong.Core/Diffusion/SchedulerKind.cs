namespace Ogong.Diffusion;

/// <summary>How a latent advances from one noise level to the next.</summary>
public enum SchedulerKind : byte
{
    /// <summary>Euler's method on the flow-matching equation, as diffusers' <c>FlowMatchEulerDiscreteScheduler</c>.</summary>
    FlowMatchEuler = 1,

    /// <summary>Euler's method on the probability-flow equation in σ, as diffusers' <c>EulerDiscreteScheduler</c> (Karras et al. 2022, algorithm 2 without churn).</summary>
    EulerDiscrete = 2,

    /// <summary>Denoising diffusion implicit models (Song, Meng, Ermon 2020), as diffusers' <c>DDIMScheduler</c>.</summary>
    Ddim = 3,
}
