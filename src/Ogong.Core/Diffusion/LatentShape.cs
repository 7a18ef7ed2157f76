using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Ogong.Bytes;

namespace Ogong.Diffusion;

/// <summary>
/// Shape of a latent: channels, then one size (length: audio), two (height, width: image) or three (frames, height, width: video). A latent is binary32, row-major
/// [channels, sizes…]. Immutable and valid by construction.
/// </summary>
public sealed class LatentShape : ICanonical<LatentShape>, IEquatable<LatentShape>
{
    /// <summary>Most channels.</summary>
    public const int MaxChannels = 4096;

    /// <summary>Largest size along one axis.</summary>
    public const int MaxSize = 1 << 16;

    /// <summary>Most values of a latent.</summary>
    public const int MaxCount = 1 << 26;

    /// <summary>States a shape.</summary>
    /// <param name="channels">1 to <see cref="MaxChannels"/>.</param>
    /// <param name="sizes">One to three sizes of 1 to <see cref="MaxSize"/>; with the channels at most <see cref="MaxCount"/> values.</param>
    /// <exception cref="ArgumentException">A number is out of its range.</exception>
    public LatentShape(int channels, params ReadOnlySpan<int> sizes)
        : this(channels, [.. sizes], CountOf(channels, sizes) ?? throw new ArgumentException("A latent has 1 to 4096 channels, 1 to 3 sizes of 1 to 65536 and at most 2^26 values.", nameof(sizes)))
    {
    }

    private LatentShape(int channels, ImmutableArray<int> sizes, int count) => (Channels, Sizes, Count) = (channels, sizes, count);

    /// <summary>Channels.</summary>
    public int Channels { get; }

    /// <summary>Sizes, slowest axis first: (length), (height, width) or (frames, height, width).</summary>
    public ImmutableArray<int> Sizes { get; }

    /// <summary>Axes besides the channels: 1 for audio, 2 for an image, 3 for video.</summary>
    public int Rank => Sizes.Length;

    /// <summary>Values of a latent: the product of the channels and all sizes.</summary>
    public int Count { get; }

    /// <inheritdoc/>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Count(Channels);
        writer.UInt8((byte)Rank);
        foreach (int size in Sizes) writer.Count(size);
    }

    /// <inheritdoc/>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out LatentShape? value)
    {
        value = null;
        int start = reader.Offset;
        if (!reader.TryCount(1, MaxChannels, out int channels, "channels") || !reader.TryUInt8(out byte rank, "latent rank")) return false;
        if (rank is < 1 or > 3) return reader.FailAt(DecodeError.OutOfRange, start + 4, "latent rank");
        Span<int> sizes = stackalloc int[rank];
        foreach (ref int size in sizes)
            if (!reader.TryCount(1, MaxSize, out size, "latent size")) return false;
        if (CountOf(channels, sizes) is not { } count) return reader.FailAt(DecodeError.TooLarge, start, "latent shape");
        value = new LatentShape(channels, [.. sizes], count);
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(LatentShape? other) => other is not null && Channels == other.Channels && Sizes.AsSpan().SequenceEqual(other.Sizes.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LatentShape);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Channels, Rank, Count);

    /// <summary>For instance <c>1x16x16</c>.</summary>
    public override string ToString() => string.Join('x', Sizes.Prepend(Channels));

    private static int? CountOf(int channels, ReadOnlySpan<int> sizes)
    {
        if (channels is < 1 or > MaxChannels || sizes.Length is < 1 or > 3) return null;
        long count = channels; // At most 2^12 · 2^48.
        foreach (int size in sizes)
        {
            if (size is < 1 or > MaxSize) return null;
            count *= size;
        }
        return count <= MaxCount ? (int)count : null;
    }
}
