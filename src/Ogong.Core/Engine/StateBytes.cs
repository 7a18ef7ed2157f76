using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Ogong.Engine;

/// <summary>States and tokens as bytes: little-endian whatever the machine, and without a copy on a little-endian one.</summary>
internal static class StateBytes
{
    /// <summary>binary32 values as bytes.</summary>
    public static ReadOnlySpan<byte> LittleEndian(ReadOnlySpan<float> values)
    {
        if (BitConverter.IsLittleEndian) return MemoryMarshal.AsBytes(values);
        var bytes = new byte[values.Length * sizeof(float)];
        for (int i = 0; i < values.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4 * i), values[i]);
        return bytes;
    }

    /// <summary>Token ids as bytes.</summary>
    public static byte[] OfTokens(ReadOnlySpan<int> tokens)
    {
        var bytes = new byte[tokens.Length * sizeof(int)];
        for (int i = 0; i < tokens.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4 * i), tokens[i]);
        return bytes;
    }

    /// <summary>Bytes as binary32 values.</summary>
    public static ReadOnlySpan<float> Singles(ReadOnlySpan<byte> bytes)
    {
        if (BitConverter.IsLittleEndian) return MemoryMarshal.Cast<byte, float>(bytes);
        var values = new float[bytes.Length / sizeof(float)];
        for (int i = 0; i < values.Length; i++) values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]);
        return values;
    }

    /// <summary>Bytes as token ids.</summary>
    public static ReadOnlySpan<int> Tokens(ReadOnlySpan<byte> bytes)
    {
        if (BitConverter.IsLittleEndian) return MemoryMarshal.Cast<byte, int>(bytes);
        var values = new int[bytes.Length / sizeof(int)];
        for (int i = 0; i < values.Length; i++) values[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(4 * i)..]);
        return values;
    }

    /// <summary>Whether every value is finite.</summary>
    public static bool AreFinite(ReadOnlySpan<float> values)
    {
        foreach (float value in values)
            if (!float.IsFinite(value)) return false;
        return true;
    }
}
