using Ogong.Kernels.OpenCl;

namespace Ogong.Tests.Kernels.OpenCl;

/// <summary>The OpenCL backend as tests run it: on whatever device the loader lists first, PoCL's in continuous integration.</summary>
internal static class OpenClCase
{
    /// <summary>Creates the backend, or skips the tests, visibly, where there is no device; in continuous integration that is a failure.</summary>
    /// <param name="shape">How kernels spread their work; null for what suits the device.</param>
    public static OpenClBackend Create(DeviceShape? shape = null)
    {
        if (OpenClBackend.TryCreate(new OpenClOptions { Shape = shape }, out OpenClBackend? backend, out string? reason)) return backend;
        throw Requirement.Missing($"an OpenCL device ({reason})");
    }
}
