using System.Numerics;
using System.Runtime.InteropServices;
using Ogong.Compute;

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

    /// <summary>Index of the first element of a 16-bit <paramref name="type"/> that is not finite, or −1.</summary>
    public static int FirstNonFinite(ReadOnlySpan<ushort> values, ElementType type)
    {
        ushort exponent = type == ElementType.BF16 ? (ushort)0x7F80 : (ushort)0x7C00;
        int i = 0;
        var mask = new Vector<ushort>(exponent);
        for (; i <= values.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
            if (Vector.EqualsAny(new Vector<ushort>(values[i..]) & mask, mask)) break;
        for (; i < values.Length; i++)
            if ((values[i] & exponent) == exponent) return i;
        return -1;
    }
}
