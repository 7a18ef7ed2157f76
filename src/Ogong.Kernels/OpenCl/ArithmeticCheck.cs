using Ogong.Kernels.Host;
using Ogong.Native.OpenCl;
using Ogong.Numerics;

namespace Ogong.Kernels.OpenCl;

/// <summary>
/// Checks by computing what a device claims: each primitive of profile exact-1 on thousands of bit patterns, subnormals, infinities and ties among them, against the host. A driver that flushes, contracts
/// or approximates is refused before it can produce a wrong hash.
/// </summary>
internal static unsafe class ArithmeticCheck
{
    private const int Count = 1 << 14, Results = 6;

    /// <summary>The first result that differs, in words, or null.</summary>
    public static string? FirstDifference(OpenClBackend backend)
    {
        using var operands = new HostBuffer(3L * Count * sizeof(float));
        using var results = new HostBuffer((long)Results * Count * sizeof(float));
        Fill((uint*)operands.Pointer);
        using OpenClBuffer input = backend.Context.Allocate(operands.ByteLength), output = backend.Context.Allocate(results.ByteLength);
        using OpenClKernel kernel = backend.Programs.CreateKernel("arithmetic.cl", "arithmetic", DeviceShape.Elementwise, []);
        using OpenClCommandQueue queue = backend.Context.CreateQueue();
        queue.Write(operands.Pointer, input, 0, operands.ByteLength);
        queue.Launch(kernel, (Count / DeviceShape.Elementwise, 1, 1), (DeviceShape.Elementwise, 1, 1), input, output, Count);
        queue.Read(output, 0, results.Pointer, results.ByteLength);
        queue.Finish();

        float* x = operands.Floats, y = x + Count, z = y + Count, device = results.Floats;
        ReadOnlySpan<string> names = ["add(x, y)", "mul(x, y)", "fma(x, y, z)", "div(x, y)", "sqrt(x)", "add(mul(x, y), z)"];
        Span<float> host = stackalloc float[Results];
        for (int i = 0; i < Count; i++)
        {
            float product = x[i] * y[i];
            (host[0], host[1], host[2]) = (x[i] + y[i], product, MathF.FusedMultiplyAdd(x[i], y[i], z[i]));
            (host[3], host[4], host[5]) = (x[i] / y[i], MathF.Sqrt(x[i]), product + z[i]);
            for (int r = 0; r < Results; r++)
            {
                float value = device[(r * Count) + i];
                if (BitConverter.SingleToUInt32Bits(value) == BitConverter.SingleToUInt32Bits(host[r]) || (float.IsNaN(value) && float.IsNaN(host[r]))) continue;
                return $"{names[r]} is {value:R} instead of {host[r]:R} for x = {x[i]:R}, y = {y[i]:R}, z = {z[i]:R}";
            }
        }
        return null;
    }

    /// <summary>Random patterns; every fourth is brought near the smallest normal number, where flushing shows, and every fourth near 1, where rounding and contraction do.</summary>
    private static void Fill(uint* operands)
    {
        for (int i = 0; i < 3 * Count; i++)
        {
            uint bits = Philox4x32.Generate(0x6F67_6F6E_67, (uint)i, 0, 0, 0).W0;
            operands[i] = (i & 3) switch
            {
                0 => (bits & 0x807F_FFFF) | ((bits >> 8) & 0x0100_0000),
                1 => (bits & 0x80FF_FFFF) | 0x3F00_0000,
                _ => bits,
            };
        }
    }
}
