namespace Ogong.Diffusion;

/// <summary>What the model's output stands for.</summary>
public enum PredictionKind : byte
{
    /// <summary>The velocity of the straight path from data to noise: noise − data.</summary>
    Flow = 1,

    /// <summary>The noise.</summary>
    Epsilon = 2,

    /// <summary>√ᾱ·noise − √(1 − ᾱ)·data (Salimans, Ho 2022).</summary>
    Velocity = 3,
}
