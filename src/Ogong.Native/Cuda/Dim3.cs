namespace Ogong.Native.Cuda;

/// <summary>The extent of a grid in blocks, or of a block in threads. Each is at least 1.</summary>
/// <param name="X">The fastest dimension.</param>
/// <param name="Y">The second.</param>
/// <param name="Z">The third.</param>
public readonly record struct Dim3(int X, int Y = 1, int Z = 1)
{
    /// <summary>One dimension.</summary>
    public static implicit operator Dim3(int x) => new(x);

    /// <summary>Two dimensions.</summary>
    public static implicit operator Dim3((int X, int Y) xy) => new(xy.X, xy.Y);

    /// <summary>Three dimensions.</summary>
    public static implicit operator Dim3((int X, int Y, int Z) xyz) => new(xyz.X, xyz.Y, xyz.Z);
}
