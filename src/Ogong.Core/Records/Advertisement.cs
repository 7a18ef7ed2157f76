using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Ogong.Bytes;

namespace Ogong.Records;

/// <summary>What a provider offers and signs: a layer range of one model, at a price, until it expires. Immutable.</summary>
public sealed class Advertisement : ISignable<Advertisement>
{
    /// <inheritdoc/>
    public static HashTag Tag { get; } = new("ogong/advertisement/1");

    /// <summary>Network the offer is for: printable ASCII.</summary>
    public required string Network { get; init; }

    /// <summary>Id of the provider's key.</summary>
    public required Digest ProviderKeyId { get; init; }

    /// <summary>Root of the model.</summary>
    public required Digest ModelRoot { get; init; }

    /// <summary>First layer.</summary>
    public required int FirstLayer { get; init; }

    /// <summary>One past the last layer.</summary>
    public required int EndLayer { get; init; }

    /// <summary>Layers of the model, L.</summary>
    public required int Layers { get; init; }

    /// <summary>Price of one work unit, in base units.</summary>
    public required UInt128 PricePerUnit { get; init; }

    /// <summary>Sequences it serves at once.</summary>
    public required int Capacity { get; init; }

    /// <summary>Profiles it runs, ascending.</summary>
    public required ImmutableArray<NumericProfile> Profiles { get; init; }

    /// <summary>Lowest protocol version it speaks.</summary>
    public int MinVersion { get; init; } = Protocol.Version;

    /// <summary>Highest protocol version it speaks.</summary>
    public int MaxVersion { get; init; } = Protocol.Version;

    /// <summary>When the offer ends, in milliseconds since 1970-01-01 UTC.</summary>
    public required long Expiry { get; init; }

    /// <inheritdoc/>
    public Digest SignerKeyId => ProviderKeyId;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">A field is out of its range.</exception>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (!IsValid()) throw new InvalidOperationException("A field of the advertisement is out of its range.");
        writer.UInt16(Protocol.Version);
        writer.Name(Network);
        writer.Digest(ProviderKeyId);
        writer.Digest(ModelRoot);
        writer.Count(FirstLayer);
        writer.Count(EndLayer);
        writer.Count(Layers);
        writer.UInt128(PricePerUnit);
        writer.Count(Capacity);
        writer.UInt8((byte)Profiles.Length);
        foreach (NumericProfile profile in Profiles) writer.UInt8((byte)profile);
        writer.UInt16((ushort)MinVersion);
        writer.UInt16((ushort)MaxVersion);
        writer.Int64(Expiry);
    }

    /// <inheritdoc/>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out Advertisement? value)
    {
        value = null;
        int start = reader.Offset;
        if (!Protocol.TryReadVersion(ref reader)
            || !reader.TryName(out string network, "network")
            || !reader.TryDigest(out Digest provider, "provider key id")
            || !reader.TryDigest(out Digest model, "model root")
            || !reader.TryCount(0, Protocol.MaxLayers - 1, out int first, "first layer")
            || !reader.TryCount(1, Protocol.MaxLayers, out int end, "end layer")
            || !reader.TryCount(1, Protocol.MaxLayers, out int layers, "layers")
            || !reader.TryUInt128(out UInt128 price, "price")
            || !reader.TryCount(1, int.MaxValue, out int capacity, "capacity")
            || !reader.TryUInt8(out byte profileCount, "profiles")
            || !reader.TryRaw(profileCount, out ReadOnlySpan<byte> profiles, "profiles")
            || !reader.TryUInt16(out ushort minVersion, "lowest version")
            || !reader.TryUInt16(out ushort maxVersion, "highest version")
            || !reader.TryInt64(out long expiry, "expiry"))
            return false;
        var read = new Advertisement
        {
            Network = network,
            ProviderKeyId = provider,
            ModelRoot = model,
            FirstLayer = first,
            EndLayer = end,
            Layers = layers,
            PricePerUnit = price,
            Capacity = capacity,
            Profiles = [.. profiles.ToArray().Select(p => (NumericProfile)p)],
            MinVersion = minVersion,
            MaxVersion = maxVersion,
            Expiry = expiry,
        };
        if (!read.IsValid()) return reader.FailAt(DecodeError.OutOfRange, start, "advertisement");
        value = read;
        return true;
    }

    private bool IsValid() =>
        ByteWriter.IsName(Network)
        && FirstLayer >= 0 && FirstLayer < EndLayer && EndLayer <= Layers && Layers <= Protocol.MaxLayers
        && Capacity >= 1
        && Profiles.Length is >= 1 and <= 255
        && Enumerable.Range(1, Profiles.Length - 1).All(i => Profiles[i] > Profiles[i - 1]) && Profiles[0] != 0
        && MinVersion >= 1 && MinVersion <= MaxVersion && MaxVersion <= ushort.MaxValue;
}
