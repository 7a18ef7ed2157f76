using System.Diagnostics.CodeAnalysis;
using Ogong.Bytes;
using Ogong.Records;

namespace Ogong.Diffusion;

/// <summary>A trajectory's numeric profile with everything it leaves open: nothing in the exact tier, the bands of the tolerance tier. Immutable and valid by construction.</summary>
public sealed record LatentProfile : ICanonical<LatentProfile>
{
    private LatentProfile(LatentBands? bands) => Bands = bands;

    /// <summary>Profile <c>exact-1</c>.</summary>
    public static LatentProfile Exact { get; } = new(bands: null);

    /// <summary>The profile.</summary>
    public NumericProfile Profile => IsExact ? NumericProfile.Exact1 : NumericProfile.Fast1;

    /// <summary>Whether audits compare hashes rather than distances.</summary>
    public bool IsExact => Bands is null;

    /// <summary>What the tolerance tier allows; null in the exact tier, which allows nothing.</summary>
    public LatentBands? Bands { get; }

    /// <summary>Profile <c>fast-1</c>.</summary>
    /// <param name="bands">Null for <see cref="LatentBands.Default"/>.</param>
    /// <exception cref="ArgumentException">A band is not finite or negative.</exception>
    public static LatentProfile Fast(LatentBands? bands = null)
    {
        bands ??= LatentBands.Default;
        return bands.IsValid() ? new LatentProfile(bands) : throw new ArgumentException("A band is finite and not negative.", nameof(bands));
    }

    /// <inheritdoc/>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.UInt8((byte)Profile);
        Bands?.Write(writer);
    }

    /// <inheritdoc/>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out LatentProfile? value)
    {
        value = null;
        int start = reader.Offset;
        if (!reader.TryUInt8(out byte profile, "profile")) return false;
        switch ((NumericProfile)profile)
        {
            case NumericProfile.Exact1:
                value = Exact;
                return true;
            case NumericProfile.Fast1:
                if (!LatentBands.TryRead(ref reader, out LatentBands? bands)) return false;
                value = new LatentProfile(bands);
                return true;
            default:
                return reader.FailAt(DecodeError.UnknownVersion, start, "profile");
        }
    }
}
