using Ogong.Diffusion;

namespace Ogong.Engine;

/// <summary>A latent to be made.</summary>
public sealed record DenoiserRequest
{
    /// <summary>What it shows.</summary>
    public required Conditioning Conditioning { get; init; }

    /// <summary>The steps.</summary>
    public required Schedule Schedule { get; init; }

    /// <summary>Where its noise comes from.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Classifier-free guidance scale g: the model's output is u + g·(c − u), c with and u without the conditioning. At 1 only c is computed.</summary>
    public float Guidance { get; init; } = 1;

    /// <summary>Steps between the latents that are kept; the first and the last are always. Null keeps only these.</summary>
    public int? Stride { get; init; }

    /// <summary>Whether both branches are computed.</summary>
    public bool IsGuided => Guidance != 1;
}

/// <summary>A latent that was made.</summary>
public sealed record DenoiserResult
{
    /// <summary>The latents that were kept, x_0 first and the final one last, each shaped as the model's latents.</summary>
    public required IReadOnlyList<ReadOnlyMemory<float>> Trajectory { get; init; }

    /// <summary>The steps before which those latents stood: 0 first, the number of steps last.</summary>
    public required IReadOnlyList<int> Steps { get; init; }

    /// <summary>The final latent.</summary>
    public ReadOnlyMemory<float> Latent => Trajectory[^1];
}
