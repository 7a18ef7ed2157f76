using Ogong.Native.Cuda;

namespace Ogong.Kernels.Cuda;

/// <summary>Blocks of a launch.</summary>
/// <param name="X">Fastest-varying, up to 2³¹ − 1.</param>
/// <param name="Y">Up to 65535.</param>
/// <param name="Z">Up to 65535.</param>
internal readonly record struct Grid(int X, int Y = 1, int Z = 1)
{
    public static implicit operator Grid(int x) => new(x);

    public static implicit operator Grid((int X, int Y) xy) => new(xy.X, xy.Y);

    public static implicit operator Grid((int X, int Y, int Z) xyz) => new(xyz.X, xyz.Y, xyz.Z);

    public static implicit operator Dim3(Grid grid) => new(grid.X, grid.Y, grid.Z);

    /// <summary>Blocks of <paramref name="size"/> that <paramref name="count"/> items fill.</summary>
    public static int Blocks(long count, int size) => checked((int)((count + size - 1) / size));
}
