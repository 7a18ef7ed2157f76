using System.Buffers.Binary;

namespace Ogong.Bytes;

/// <summary>
/// Reads the canonical little-endian encoding from a span. Total: a read that cannot succeed returns false, records where and why (the first
/// failure stays), and consumes nothing; no input makes it throw, and it allocates nothing but what a caller's stated bound allows.
/// </summary>
public ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> bytes = bytes;

    /// <summary>Bytes consumed.</summary>
    public int Offset { get; private set; }

    /// <summary>Bytes left.</summary>
    public readonly int Remaining => bytes.Length - Offset;

    /// <summary>The first failure, if any.</summary>
    public DecodeFailure Failure { get; private set; }

    /// <summary>Records a failure at the current offset, unless one is recorded, and returns false.</summary>
    public bool Fail(DecodeError error, string field) => FailAt(error, Offset, field);

    /// <summary>Records a failure at <paramref name="offset"/>, unless one is recorded, and returns false.</summary>
    public bool FailAt(DecodeError error, int offset, string field)
    {
        if (Failure.Error == DecodeError.None) Failure = new DecodeFailure(error, offset, field);
        return false;
    }

    /// <summary>Reads <paramref name="count"/> bytes in place.</summary>
    public bool TryRaw(int count, out ReadOnlySpan<byte> value, string field)
    {
        value = default;
        if (count < 0 || count > Remaining) return Fail(DecodeError.Truncated, field);
        value = bytes.Slice(Offset, count);
        Offset += count;
        return true;
    }

    /// <summary>Reads one byte.</summary>
    public bool TryUInt8(out byte value, string field)
    {
        bool ok = TryRaw(1, out ReadOnlySpan<byte> raw, field);
        value = ok ? raw[0] : (byte)0;
        return ok;
    }

    /// <summary>Reads a byte that is 0 or 1.</summary>
    public bool TryFlag(out bool value, string field)
    {
        int start = Offset;
        value = false;
        if (!TryUInt8(out byte raw, field)) return false;
        value = raw == 1;
        return raw <= 1 || FailAt(DecodeError.NotCanonical, start, field);
    }

    /// <summary>Reads 2 bytes.</summary>
    public bool TryUInt16(out ushort value, string field)
    {
        bool ok = TryRaw(2, out ReadOnlySpan<byte> raw, field);
        value = ok ? BinaryPrimitives.ReadUInt16LittleEndian(raw) : (ushort)0;
        return ok;
    }

    /// <summary>Reads 4 bytes.</summary>
    public bool TryUInt32(out uint value, string field)
    {
        bool ok = TryRaw(4, out ReadOnlySpan<byte> raw, field);
        value = ok ? BinaryPrimitives.ReadUInt32LittleEndian(raw) : 0;
        return ok;
    }

    /// <summary>Reads a 4-byte count or index in [<paramref name="min"/>, <paramref name="max"/>].</summary>
    public bool TryCount(int min, int max, out int value, string field)
    {
        int start = Offset;
        value = 0;
        if (!TryUInt32(out uint raw, field)) return false;
        if (raw > (uint)max) return FailAt(DecodeError.TooLarge, start, field);
        value = (int)raw;
        return value >= min || FailAt(DecodeError.OutOfRange, start, field);
    }

    /// <summary>Reads 8 bytes.</summary>
    public bool TryUInt64(out ulong value, string field)
    {
        bool ok = TryRaw(8, out ReadOnlySpan<byte> raw, field);
        value = ok ? BinaryPrimitives.ReadUInt64LittleEndian(raw) : 0;
        return ok;
    }

    /// <summary>Reads 8 bytes, two's complement.</summary>
    public bool TryInt64(out long value, string field)
    {
        bool ok = TryUInt64(out ulong raw, field);
        value = unchecked((long)raw);
        return ok;
    }

    /// <summary>Reads 16 bytes.</summary>
    public bool TryUInt128(out UInt128 value, string field)
    {
        bool ok = TryRaw(16, out ReadOnlySpan<byte> raw, field);
        value = ok ? BinaryPrimitives.ReadUInt128LittleEndian(raw) : 0;
        return ok;
    }

    /// <summary>Reads a finite binary32 by its bits.</summary>
    public bool TrySingle(out float value, string field)
    {
        int start = Offset;
        bool ok = TryUInt32(out uint raw, field);
        value = BitConverter.UInt32BitsToSingle(raw);
        return ok && (float.IsFinite(value) || FailAt(DecodeError.NotFinite, start, field));
    }

    /// <summary>Reads a binary64 in [<paramref name="least"/>, <paramref name="most"/>] by its bits; minus zero is refused.</summary>
    public bool TryDouble(double least, double most, out double value, string field)
    {
        int start = Offset;
        bool ok = TryUInt64(out ulong raw, field);
        value = BitConverter.UInt64BitsToDouble(raw);
        if (!ok) return false;
        if (!(value >= least && value <= most)) return FailAt(DecodeError.OutOfRange, start, field);
        return raw != 1UL << 63 || FailAt(DecodeError.NotCanonical, start, field);
    }

    /// <summary>Reads <paramref name="count"/> finite binary32 values; the bytes must be there before the array is allocated.</summary>
    public bool TrySingles(int count, out float[] values, string field)
    {
        values = [];
        if (count < 0 || count > Remaining / 4) return Fail(DecodeError.Truncated, field);
        var read = new float[count];
        for (int i = 0; i < count; i++)
            if (!TrySingle(out read[i], field)) return false;
        values = read;
        return true;
    }

    /// <summary>Reads the 32 bytes of a digest.</summary>
    public bool TryDigest(out Digest value, string field)
    {
        bool ok = TryRaw(Bytes.Digest.Size, out ReadOnlySpan<byte> raw, field);
        value = ok ? new Digest(raw) : default;
        return ok;
    }

    /// <summary>Reads a name: length (1 byte, 1 to 255), then printable ASCII characters without spaces.</summary>
    public bool TryName(out string value, string field)
    {
        int start = Offset;
        value = "";
        if (!TryUInt8(out byte length, field)) return false;
        if (length == 0) return FailAt(DecodeError.OutOfRange, start, field);
        if (!TryRaw(length, out ReadOnlySpan<byte> raw, field)) return false;
        if (raw.ContainsAnyExceptInRange((byte)'!', (byte)'~')) return FailAt(DecodeError.OutOfRange, start, field);
        value = System.Text.Encoding.ASCII.GetString(raw);
        return true;
    }

    /// <summary>Reads token ids: a count in [<paramref name="min"/>, <paramref name="max"/>], then 4 bytes each, each below 2³¹. The bytes must be there before the array is allocated.</summary>
    public bool TryTokens(int min, int max, out int[] tokens, string field)
    {
        tokens = [];
        if (!TryCount(min, max, out int count, field)) return false;
        if (count > Remaining / 4) return Fail(DecodeError.Truncated, field);
        var read = new int[count];
        for (int i = 0; i < count; i++)
            if (!TryCount(0, int.MaxValue, out read[i], field)) return false;
        tokens = read;
        return true;
    }

    /// <summary>Succeeds iff every byte was consumed.</summary>
    public bool TryEnd() => Remaining == 0 || Fail(DecodeError.TrailingBytes, "end");
}
