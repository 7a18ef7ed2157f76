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
        for (int i = 0; i < values.Length; i++) values[i] = type switch
        {
            ElementType.F32 => MemoryMarshal.Cast<byte, float>(stored)[i],
            ElementType.F16 => Float16Format.Widen(MemoryMarshal.Cast<byte, ushort>(stored)[i]),
            ElementType.BF16 => BFloat16Format.Widen(MemoryMarshal.Cast<byte, ushort>(stored)[i]),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>Rounds values to the type.</summary>
    public static void Round(ElementType type, ReadOnlySpan<float> values, Span<byte> stored)
    {
        for (int i = 0; i < values.Length; i++)
        {
            switch (type)
            {
                case ElementType.F32: MemoryMarshal.Cast<byte, float>(stored)[i] = values[i]; break;
                case ElementType.F16: MemoryMarshal.Cast<byte, ushort>(stored)[i] = Float16Format.Round(values[i]); break;
                case ElementType.BF16: MemoryMarshal.Cast<byte, ushort>(stored)[i] = BFloat16Format.Round(values[i]); break;
                default: throw new UnreachableException();
            }
        }
    }
}
