using Ogong.Compute;

namespace Ogong.Models;

/// <summary>Named tensors, wherever they come from. Thread-safe.</summary>
public interface ITensorSet
{
    /// <summary>Whether a tensor of this name exists.</summary>
    bool Contains(string name);

    /// <summary>The tensor of this name; nothing is read until its rows are.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    ITensorSource Tensor(string name);
}

/// <summary>Tensors that lie in files, so that the hashes of their bytes can be kept between runs.</summary>
internal interface IStoredTensors
{
    /// <summary>Where a tensor lies.</summary>
    StoredTensor Stored(string name);
}
