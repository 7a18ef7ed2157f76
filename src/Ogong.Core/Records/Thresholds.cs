using Ogong.Bytes;

namespace Ogong.Records;

/// <summary>Thresholds on the wire: finite, not negative, minus zero refused; an optional one is a flag, then the value.</summary>
internal static class Thresholds
{
    public static bool IsThreshold(float value) => float.IsFinite(value) && !float.IsNegative(value);

    public static void Write(ByteWriter writer, float? value)
    {
        writer.Flag(value.HasValue);
        if (value is { } some) writer.Single(some);
    }

    public static bool TryRead(ref ByteReader reader, out float value, string field)
    {
        int start = reader.Offset;
        return reader.TrySingle(out value, field) && (IsThreshold(value) || reader.FailAt(DecodeError.OutOfRange, start, field));
    }

    public static bool TryReadOptional(ref ByteReader reader, out float? value, string field)
    {
        value = null;
        if (!reader.TryFlag(out bool present, field)) return false;
        if (!present) return true;
        if (!TryRead(ref reader, out float some, field)) return false;
        value = some;
        return true;
    }
}
