using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Ogong.Bytes;

/// <summary>Appends values in the canonical little-endian encoding. Not thread-safe.</summary>
public sealed class ByteWriter
{
    private readonly ArrayBufferWriter<byte> buffer = new();

    /// <summary>Everything written so far; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => buffer.WrittenSpan;

    /// <summary>As <see cref="Written"/>, for asynchronous writers.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => buffer.WrittenMemory;

    /// <summary>Bytes written so far.</summary>
    public int Length => buffer.WrittenCount;

    /// <summary>Forgets everything written and keeps the memory.</summary>
    public void Clear() => buffer.ResetWrittenCount();

    /// <summary>Appends one byte.</summary>
    public void UInt8(byte value) => buffer.Write([value]);

    /// <summary>Appends 1 for true and 0 for false.</summary>
    public void Flag(bool value) => UInt8(value ? (byte)1 : (byte)0);

    /// <summary>Appends 2 bytes.</summary>
    public void UInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(buffer.GetSpan(2), value);
        buffer.Advance(2);
    }

    /// <summary>Appends 4 bytes.</summary>
    public void UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(buffer.GetSpan(4), value);
        buffer.Advance(4);
    }

    /// <summary>Appends a count or index as 4 bytes.</summary>
    public void Count(int value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        UInt32((uint)value);
    }

    /// <summary>Appends 8 bytes.</summary>
    public void UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(buffer.GetSpan(8), value);
        buffer.Advance(8);
    }

    /// <summary>Appends 8 bytes, two's complement.</summary>
    public void Int64(long value) => UInt64(unchecked((ulong)value));

    /// <summary>Appends 16 bytes.</summary>
    public void UInt128(UInt128 value)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(buffer.GetSpan(16), value);
        buffer.Advance(16);
    }

    /// <summary>Appends the bits of a binary32, 4 bytes.</summary>
    public void Single(float value) => UInt32(BitConverter.SingleToUInt32Bits(value));

    /// <summary>Appends the bits of a binary64, 8 bytes.</summary>
    public void Double(double value) => UInt64(BitConverter.DoubleToUInt64Bits(value));

    /// <summary>Appends the bits of binary32 values, 4 bytes each.</summary>
    public void Singles(ReadOnlySpan<float> values)
    {
        if (BitConverter.IsLittleEndian)
        {
            Raw(MemoryMarshal.AsBytes(values));
            return;
        }
        foreach (float value in values) Single(value);
    }

    /// <summary>Appends the 32 bytes of a digest.</summary>
    public void Digest(Digest value) => buffer.Write(value.Span);

    /// <summary>Appends a name: length (1 byte), then printable ASCII characters.</summary>
    /// <exception cref="ArgumentException">The text has no or more than 255 characters, or one that is not printable ASCII.</exception>
    public void Name(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!IsName(text)) throw new ArgumentException("A name has 1 to 255 printable ASCII characters.", nameof(text));
        UInt8((byte)text.Length);
        foreach (char c in text) UInt8((byte)c);
    }

    /// <summary>Whether <paramref name="text"/> can be written as a name: 1 to 255 printable ASCII characters, no space.</summary>
    internal static bool IsName(string text) => text.Length is >= 1 and <= 255 && !text.AsSpan().ContainsAnyExceptInRange('!', '~');

    /// <summary>Appends bytes whose number the reader knows.</summary>
    public void Raw(ReadOnlySpan<byte> bytes) => buffer.Write(bytes);

    /// <summary>Appends token ids: count (4 bytes), then 4 bytes each.</summary>
    public void Tokens(ReadOnlySpan<int> tokens)
    {
        Count(tokens.Length);
        foreach (int token in tokens) Count(token);
    }
}
