namespace Ogong.Kernels.OpenCl;

/// <summary>Settings of the OpenCL backend. None of them changes a bit of any exact result.</summary>
public sealed record OpenClOptions
{
    /// <summary>Which device, counted from 0 over all platforms in the loader's order.</summary>
    public int Device { get; init; }

    /// <summary>Part of the name of the one device meant, in any case; null to choose by <see cref="Device"/>.</summary>
    public string? DeviceName { get; init; }

    /// <summary>Folder that keeps compiled kernels, or <c>off</c>; null for <c>OGONG_KERNEL_CACHE</c>, or else <c>kernels</c> in the user's cache.</summary>
    public string? KernelCache { get; init; }

    /// <summary>Told what takes long: kernels compiled at their first use. May be called on any thread.</summary>
    public Action<string>? Progress { get; init; }

    /// <summary>How kernels spread their work; null for what suits the device. For tests.</summary>
    internal DeviceShape? Shape { get; init; }
}
