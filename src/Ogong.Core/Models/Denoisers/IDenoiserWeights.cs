namespace Ogong.Models;

/// <summary>A denoiser's config and named tensors, wherever they come from. Thread-safe.</summary>
public interface IDenoiserWeights : ITensorSet
{
    /// <summary>Hyper-parameters.</summary>
    DenoiserConfig Config { get; }
}
