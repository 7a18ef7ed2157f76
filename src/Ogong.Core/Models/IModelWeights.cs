using Ogong.Compute;

namespace Ogong.Models;

/// <summary>A model's config and named tensors, wherever they come from. Thread-safe.</summary>
public interface IModelWeights
{
    /// <summary>Hyper-parameters.</summary>
    ModelConfig Config { get; }

    /// <summary>Whether a tensor of this name exists.</summary>
    bool Contains(string name);

    /// <summary>The tensor of this name; nothing is read until its rows are.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    ITensorSource Tensor(string name);
}
