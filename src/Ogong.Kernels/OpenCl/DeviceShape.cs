using Ogong.Native.OpenCl;

namespace Ogong.Kernels.OpenCl;

/// <summary>
/// How kernels spread work on a device (native/opencl/common.clh): a processor runs work-groups of one work-item on vectors as wide as its registers, because its compiler cannot find the
/// vectors in a chain of fma by itself; anything else runs many work-items on scalars.
/// </summary>
/// <param name="Lanes">Elements of a kernel's vectors.</param>
/// <param name="Group">Work-items of a work-group that shares local memory.</param>
internal readonly record struct DeviceShape(int Lanes, int Group)
{
    /// <summary>Rows of a weight panel.</summary>
    public const int PanelRows = 32;

    /// <summary>Vectors one work-item of <c>linear</c> runs side by side.</summary>
    public int LinearParts => Lanes == 1 ? 1 : PanelRows / Lanes;

    /// <summary>Most rows of x that share a pass over a panel: as many as their accumulators fit the registers.</summary>
    public int LinearRows => Lanes is 1 or 16 ? 8 : 2;

    /// <summary>Work-items per group of kernels that share nothing.</summary>
    public static int Elementwise => 64;

    /// <summary>The shape for a device.</summary>
    public static DeviceShape Of(OpenClDevice device)
    {
        if (!device.Types.HasFlag(OpenClDeviceTypes.Cpu)) return new DeviceShape(1, (int)Math.Min(64, device.MaxWorkGroupSize));
        return new DeviceShape(device.NativeFloatWidth switch { >= 16 => 16, >= 8 => 8, _ => 4 }, 1);
    }
}
