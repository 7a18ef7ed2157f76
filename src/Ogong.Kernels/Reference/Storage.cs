using System.Diagnostics;
using System.Runtime.InteropServices;
using Ogong.Compute;
using Ogong.Numerics;

namespace Ogong.Kernels.Reference;

/// <summary>Elements of every storage type: exact widening to binary32, and rounding to nearest even.</summary>
internal static class Storage
{
    /// <summary>Widens little-endian elements.</summary>
    public static void Widen(ElementType type, ReadOnlySpan<byte> stored, Span<float> values)
    {
        ReadOnlySpan<ushort> halves = MemoryMarshal.Cast<byte, ushort>(stored);
        switch (type)
        {
            case ElementType.F32:
                MemoryMarshal.Cast<byte, float>(stored)[..values.Length].CopyTo(values);
                break;
            case ElementType.F16:
                for (int i = 0; i < values.Length; i++) values[i] = Float16Format.Widen(halves[i]);
                break;
            case ElementType.BF16:
                for (int i = 0; i < values.Length; i++) values[i] = BFloat16Format.Widen(halves[i]);
                break;
            default: throw new UnreachableException();
        }
    }

    /// <summary>Rounds values to the type.</summary>
    public static void Round(ElementType type, ReadOnlySpan<float> values, Span<byte> stored)
    {
        Span<ushort> halves = MemoryMarshal.Cast<byte, ushort>(stored);
        switch (type)
        {
            case ElementType.F32:
                values.CopyTo(MemoryMarshal.Cast<byte, float>(stored));
                break;
            case ElementType.F16:
                for (int i = 0; i < values.Length; i++) halves[i] = Float16Format.Round(values[i]);
                break;
            case ElementType.BF16:
                for (int i = 0; i < values.Length; i++) halves[i] = BFloat16Format.Round(values[i]);
                break;
            default: throw new UnreachableException();
        }
    }
}
