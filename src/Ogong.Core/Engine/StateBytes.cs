using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Ogong.Engine;

/// <summary>States and tokens as bytes: little-endian whatever the machine.</summary>
internal static class StateBytes
{
    /// <summary>binary32 values as bytes; the same memory on a little-endian machine.</summary>
    public static ReadOnlySpan<byte> LittleEndian(ReadOnlySpan<float> values)
    {
        if (BitConverter.IsLittleEndian) return MemoryMarshal.AsBytes(values);
        var bytes = new byte[values.Length * sizeof(float)];
        for (int i = 0; i < values.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4 * i), values[i]);
        return bytes;
    }
}
