namespace Ogong.Compute;

/// <summary>A device has no kernels for the way a tensor is stored. Nothing is converted behind the user's back: another type is another product.</summary>
/// <param name="device">The device's name.</param>
/// <param name="tensor">Full name of the tensor.</param>
/// <param name="type">How it is stored.</param>
public sealed class UnsupportedWeightException(string device, string tensor, ElementType type)
    : NotSupportedException($"Weight {tensor} is stored as {type}, for which device {device} has no kernels.")
{
    /// <summary>The device's name.</summary>
    public string Device { get; } = device;

    /// <summary>Full name of the tensor.</summary>
    public string Tensor { get; } = tensor;

    /// <summary>How it is stored.</summary>
    public ElementType Type { get; } = type;
}
