using System.Numerics;
using System.Runtime.InteropServices;

namespace Ogong.Kernels.Host;

/// <summary>Finds infinities and NaNs: the elements whose exponent bits are all ones.</summary>
internal static class FiniteCheck
{
    private const uint Exponent = 0x7F80_0000;

    /// <summary>Index of the first element that is not finite, or −1.</summary>
    public static int FirstNonFinite(ReadOnlySpan<float> values)
    {
        ReadOnlySpan<uint> bits = MemoryMarshal.Cast<float, uint>(values);
        int i = 0;
        var mask = new Vector<uint>(Exponent);
        for (; i <= bits.Length - Vector<uint>.Count; i += Vector<uint>.Count)
            if (Vector.EqualsAny(new Vector<uint>(bits[i..]) & mask, mask)) break;
        for (; i < bits.Length; i++)
            if ((bits[i] & Exponent) == Exponent) return i;
        return -1;
    }
}
