using System.Diagnostics.CodeAnalysis;
using Ogong.Bytes;
using Ogong.Commitments;

namespace Ogong.Records;

/// <summary>A numeric profile with everything it leaves open. The consumer's order states it, the provider's record repeats it. Immutable and valid by construction.</summary>
public sealed record ProfileParameters : ICanonical<ProfileParameters>
{
    /// <summary>Entries of the top-k digest unless another number is ordered.</summary>
    public const int DefaultTopK = 8;

    private ProfileParameters(NumericProfile profile, StorageFormat kvFormat, int topK, SketchParameters sketch, ToleranceThresholds? thresholds)
    {
        (Profile, KvFormat, TopK, Sketch, Thresholds) = (profile, kvFormat, topK, sketch, thresholds);
    }

    /// <summary>The profile.</summary>
    public NumericProfile Profile { get; }

    /// <summary>Whether audits compare hashes rather than distances.</summary>
    public bool IsExact => Profile == NumericProfile.Exact1;

    /// <summary>How keys and values are rounded on append.</summary>
    public StorageFormat KvFormat { get; }

    /// <summary>Rows per window; 32 in this version of the protocol.</summary>
    public int WindowLength => CommitmentWindow.Length;

    /// <summary>Entries of the top-k digest at every position, at most the vocabulary.</summary>
    public int TopK { get; }

    /// <summary>The bank of the sketches; <see cref="SketchParameters.None"/> in the exact tier.</summary>
    public SketchParameters Sketch { get; }

    /// <summary>What the tolerance tier allows; null in the exact tier, which allows nothing.</summary>
    public ToleranceThresholds? Thresholds { get; }

    /// <summary>Parameters of profile <c>exact-1</c>.</summary>
    /// <exception cref="ArgumentException">A parameter is out of its range.</exception>
    public static ProfileParameters Exact(StorageFormat kvFormat = StorageFormat.F32, int topK = DefaultTopK) =>
        Checked(new ProfileParameters(NumericProfile.Exact1, kvFormat, topK, SketchParameters.None, null));

    /// <summary>Parameters of profile <c>fast-1</c>.</summary>
    /// <param name="sketch">The fixed public bank; null for 32 directions of seed 0 stored as binary16 (docs/detection.md has why).</param>
    /// <param name="thresholds">Null for <see cref="ToleranceThresholds.Default"/>.</param>
    /// <param name="kvFormat">How keys and values are stored.</param>
    /// <param name="topK">Entries of the top-k digest.</param>
    /// <exception cref="ArgumentException">A parameter is out of its range.</exception>
    public static ProfileParameters Fast(
        SketchParameters? sketch = null, ToleranceThresholds? thresholds = null, StorageFormat kvFormat = StorageFormat.F32, int topK = DefaultTopK) =>
        Checked(new ProfileParameters(
            NumericProfile.Fast1, kvFormat, topK, sketch ?? new SketchParameters(0, 32, StorageFormat.F16), thresholds ?? ToleranceThresholds.Default));

    /// <inheritdoc/>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.UInt8((byte)Profile);
        writer.UInt8((byte)KvFormat);
        writer.UInt16((ushort)WindowLength);
        writer.UInt16((ushort)TopK);
        if (IsExact) return;
        Sketch.Write(writer);
        Thresholds!.Write(writer);
    }

    /// <inheritdoc/>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out ProfileParameters? value)
    {
        value = null;
        int start = reader.Offset;
        if (!reader.TryUInt8(out byte profile, "profile")
            || !reader.TryUInt8(out byte kvFormat, "KV format")
            || !reader.TryUInt16(out ushort window, "window length")
            || !reader.TryUInt16(out ushort topK, "top-k"))
            return false;
        if (profile is not ((byte)NumericProfile.Exact1 or (byte)NumericProfile.Fast1)) return reader.FailAt(DecodeError.UnknownVersion, start, "profile");
        if (window != CommitmentWindow.Length) return reader.FailAt(DecodeError.OutOfRange, start + 2, "window length");
        SketchParameters? sketch = SketchParameters.None;
        ToleranceThresholds? thresholds = null;
        if (profile == (byte)NumericProfile.Fast1
            && (!SketchParameters.TryRead(ref reader, out sketch) || !ToleranceThresholds.TryRead(ref reader, out thresholds)))
            return false;
        var read = new ProfileParameters((NumericProfile)profile, (StorageFormat)kvFormat, topK, sketch, thresholds);
        if (!read.IsValid()) return reader.FailAt(DecodeError.OutOfRange, start, "profile parameters");
        value = read;
        return true;
    }

    private static ProfileParameters Checked(ProfileParameters parameters) =>
        parameters.IsValid() ? parameters : throw new ArgumentException("A profile parameter is out of its range.", nameof(parameters));

    private bool IsValid() =>
        KvFormat.IsDefined()
        && TopK is >= 1 and <= TopKWindow.MaxK
        && Sketch.Format.IsDefined()
        && (IsExact ? Sketch.Directions == 0 : Sketch.Directions is >= 1 and <= SketchParameters.MaxDirections)
        && (Thresholds is null ? IsExact : Thresholds.IsValid());
}
