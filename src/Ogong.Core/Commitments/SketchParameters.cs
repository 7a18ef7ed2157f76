using System.Diagnostics.CodeAnalysis;
using Ogong.Bytes;

namespace Ogong.Commitments;

/// <summary>
/// A bank of SRP directions and how their values are stored. Direction d mixes all coordinates of a state h with signs ±1 from Philox keyed by the seed:
/// <c>mul(dot(h, ±1), div(1, sqrt(width)))</c>.
/// </summary>
/// <param name="BankSeed">Key of the signs.</param>
/// <param name="Directions">Values per state, m; 0 means no sketch (the exact tier).</param>
/// <param name="Format">How each value is stored.</param>
public sealed record SketchParameters(ulong BankSeed, int Directions, StorageFormat Format) : ICanonical<SketchParameters>
{
    /// <summary>Most directions.</summary>
    public const int MaxDirections = 1024;

    /// <summary>No sketch.</summary>
    public static SketchParameters None { get; } = new(0, 0, StorageFormat.F32);

    /// <summary>Bytes one state's sketch takes.</summary>
    public int BytesPerRow => Directions * Format.Size();

    /// <inheritdoc/>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.UInt64(BankSeed);
        writer.UInt16(checked((ushort)Directions));
        writer.UInt8((byte)Format);
    }

    /// <inheritdoc/>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out SketchParameters? value)
    {
        value = null;
        int start = reader.Offset;
        if (!reader.TryUInt64(out ulong seed, "bank seed") || !reader.TryUInt16(out ushort directions, "directions")
            || !reader.TryUInt8(out byte format, "sketch format"))
            return false;
        if (directions > MaxDirections) return reader.FailAt(DecodeError.TooLarge, start + 8, "directions");
        if (!((StorageFormat)format).IsDefined()) return reader.FailAt(DecodeError.OutOfRange, start + 10, "sketch format");
        if (directions == 0 && (seed != 0 || format != 0)) return reader.FailAt(DecodeError.NotCanonical, start, "bank seed");
        value = new SketchParameters(seed, directions, (StorageFormat)format);
        return true;
    }
}
