using System.Diagnostics.CodeAnalysis;

namespace Ogong.Bytes;

/// <summary>A value with exactly one byte string, and a reader that accepts no other.</summary>
/// <typeparam name="TSelf">The implementing type.</typeparam>
public interface ICanonical<TSelf> where TSelf : class, ICanonical<TSelf>
{
    /// <summary>Appends the value.</summary>
    void Write(ByteWriter writer);

    /// <summary>Reads one value; on false the reader says where and why. Never throws, whatever the bytes.</summary>
    static abstract bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out TSelf? value);
}

/// <summary>Whole byte strings of <see cref="ICanonical{TSelf}"/> values.</summary>
public static class Canonical
{
    /// <summary>The value's byte string.</summary>
    public static byte[] Encode<T>(this T value) where T : class, ICanonical<T>
    {
        ArgumentNullException.ThrowIfNull(value);
        var writer = new ByteWriter();
        value.Write(writer);
        return writer.Written.ToArray();
    }

    /// <summary>Decodes a byte string that must hold exactly one value. Never throws, whatever the bytes.</summary>
    public static DecodeResult<T> Decode<T>(ReadOnlySpan<byte> bytes) where T : class, ICanonical<T>
    {
        var reader = new ByteReader(bytes);
        return T.TryRead(ref reader, out T? value) && reader.TryEnd()
            ? DecodeResult<T>.Ok(value)
            : DecodeResult<T>.Fail(reader.Failure);
    }
}
