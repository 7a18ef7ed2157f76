namespace Ogong.Native.Cuda;

/// <summary>A generation of device, as sm_90 is 9.0.</summary>
/// <param name="Major">The generation.</param>
/// <param name="Minor">Its revision.</param>
public readonly record struct ComputeCapability(int Major, int Minor) : IComparable<ComputeCapability>
{
    /// <summary>The number in an architecture's name: 90 for sm_90.</summary>
    public int Number => (10 * Major) + Minor;

    /// <inheritdoc/>
    public int CompareTo(ComputeCapability other) => Number.CompareTo(other.Number);

    /// <summary>Whether one is older than the other.</summary>
    public static bool operator <(ComputeCapability left, ComputeCapability right) => left.CompareTo(right) < 0;

    /// <summary>Whether one is newer than the other.</summary>
    public static bool operator >(ComputeCapability left, ComputeCapability right) => left.CompareTo(right) > 0;

    /// <summary>Whether one is not newer than the other.</summary>
    public static bool operator <=(ComputeCapability left, ComputeCapability right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one is not older than the other.</summary>
    public static bool operator >=(ComputeCapability left, ComputeCapability right) => left.CompareTo(right) >= 0;

    /// <summary>Such as 9.0.</summary>
    public override string ToString() => $"{Major}.{Minor}";
}
