using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Ogong.Kernels.Cpu;

/// <summary>The vector widths kernels exist in, and which of them this processor runs natively (fused multiply-add included).</summary>
internal static class VectorWidth
{
    /// <summary>Width of scalar code, which runs everywhere.</summary>
    public const int Scalar = 32;

    /// <summary>The widest width the processor has.</summary>
    public static int Widest =>
        IsSupported(512) ? 512 : IsSupported(256) ? 256 : IsSupported(128) ? 128 : Scalar;

    /// <summary>Whether the processor runs vectors of <paramref name="bits"/> natively.</summary>
    public static bool IsSupported(int bits) => bits switch
    {
        512 => Avx512F.IsSupported && Avx512BW.IsSupported && Avx512DQ.IsSupported,
        256 => Avx2.IsSupported && Fma.IsSupported,
        128 => Fma.IsSupported || AdvSimd.Arm64.IsSupported,
        Scalar => true,
        _ => false,
    };

    /// <summary>The width to use for a requested one; 0 asks for the widest.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No kernel has that width.</exception>
    /// <exception cref="PlatformNotSupportedException">The processor does not have it.</exception>
    public static int Select(int bits)
    {
        if (bits == 0) return Widest;
        if (bits is not (512 or 256 or 128 or Scalar))
            throw new ArgumentOutOfRangeException(nameof(bits), bits, "Vector widths are 512, 256, 128 and 32 bits.");
        return IsSupported(bits) ? bits : throw new PlatformNotSupportedException($"This processor has no {bits}-bit vectors with fused multiply-add.");
    }

    /// <summary>What people call the instruction set of a width.</summary>
    public static string Name(int bits) => bits switch
    {
        512 => "AVX-512",
        256 => "AVX2",
        128 => AdvSimd.Arm64.IsSupported ? "NEON" : "AVX 128-bit",
        _ => "scalar",
    };
}
