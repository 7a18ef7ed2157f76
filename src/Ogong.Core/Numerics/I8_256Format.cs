using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Ogong.Numerics;

/// <summary>
/// I8-256, this library's own type: up to 256 elements in 4 bytes more, <c>d (binary32, little-endian) ‖ q (signed bytes)</c>, element
/// <c>mul(d, q)</c>. Only the last block of a row is shorter than 256.
/// </summary>
internal static class I8_256Format
{
    public const int Elements = Reductions.Chunk;
    public const int Bytes = ScaleBytes + Elements;
    public const int ScaleBytes = sizeof(float);

    /// <summary>Scales are below 2¹²¹, so that no element overflows.</summary>
    public const uint ScaleLimitBits = 0x7C00_0000;

    /// <summary>The elements of one block.</summary>
    public static void Widen(ReadOnlySpan<byte> block, Span<float> values)
    {
        float d = BinaryPrimitives.ReadSingleLittleEndian(block);
        for (int i = 0; i < values.Length; i++) values[i] = d * unchecked((sbyte)block[ScaleBytes + i]);
    }

    /// <summary>Quantises finite values as <see cref="ChunkQuantization"/> does.</summary>
    public static void Round(ReadOnlySpan<float> values, Span<byte> block) =>
        BinaryPrimitives.WriteSingleLittleEndian(block, ChunkQuantization.Quantize(values, MemoryMarshal.Cast<byte, sbyte>(block[ScaleBytes..])));
}
