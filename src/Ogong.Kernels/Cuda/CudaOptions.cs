namespace Ogong.Kernels.Cuda;

/// <summary>Settings of the CUDA backend. None of them changes a bit of any exact result.</summary>
public sealed record CudaOptions
{
    /// <summary>Which device, counted from 0 as the driver lists them (<c>CUDA_VISIBLE_DEVICES</c> applies).</summary>
    public int Device { get; init; }

    /// <summary>Folder that keeps compiled kernels, or <c>off</c>; null for <c>OGONG_KERNEL_CACHE</c>, or else <c>kernels</c> in the user's cache.</summary>
    public string? KernelCache { get; init; }

    /// <summary>Told what takes long: kernels compiled at their first use. May be called on any thread.</summary>
    public Action<string>? Progress { get; init; }

    /// <summary>What integer weights are multiplied as; null for what suits the device.</summary>
    internal IntegerOperands? Operands { get; init; }
}
