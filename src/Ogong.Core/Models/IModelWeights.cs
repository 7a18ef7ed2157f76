namespace Ogong.Models;

/// <summary>A text model's config and named tensors, wherever they come from. Thread-safe.</summary>
public interface IModelWeights : ITensorSet
{
    /// <summary>Hyper-parameters.</summary>
    ModelConfig Config { get; }
}
