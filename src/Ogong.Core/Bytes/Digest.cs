using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;

namespace Ogong.Bytes;

/// <summary>
/// A 32-byte SHA-256 value. Compared by value, ordered as a big-endian number, shown as 64 lower-case hex digits.
/// Digests are public, so comparing them leaks nothing and is not constant-time.
/// </summary>
[InlineArray(Size)]
[JsonConverter(typeof(DigestJsonConverter))]
[SuppressMessage("Design", "CA1036:Override methods on comparable types", Justification = "Ordering serves deterministic ties; < between hashes would read as nonsense.")]
public struct Digest : IEquatable<Digest>, IComparable<Digest>
{
    /// <summary>Bytes in a digest.</summary>
    public const int Size = 32;

    private byte first;

    /// <summary>Copies the 32 bytes of <paramref name="bytes"/>.</summary>
    /// <exception cref="ArgumentException">The length is not 32.</exception>
    public Digest(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size) throw new ArgumentException("A digest has 32 bytes.", nameof(bytes));
        bytes.CopyTo(MemoryMarshal.CreateSpan(ref first, Size));
    }

    /// <summary>The 32 bytes, in place.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Span => MemoryMarshal.CreateReadOnlySpan(in first, Size);

    /// <summary>Whether all bytes are zero: the value of a digest field that is absent.</summary>
    public readonly bool IsZero => !Span.ContainsAnyExcept((byte)0);

    /// <summary>Parses 64 hex digits of either case.</summary>
    /// <exception cref="FormatException">The text is anything else.</exception>
    public static Digest Parse(string hex) =>
        TryParse(hex, out Digest digest) ? digest : throw new FormatException("A digest is 64 hexadecimal digits.");

    /// <summary>Parses 64 hex digits of either case; false for anything else.</summary>
    public static bool TryParse(string? hex, out Digest digest)
    {
        digest = default;
        if (hex is null || hex.Length != 2 * Size) return false;
        Span<byte> bytes = MemoryMarshal.CreateSpan(ref digest.first, Size);
        if (Convert.FromHexString(hex, bytes, out _, out _) == System.Buffers.OperationStatus.Done) return true;
        digest = default;
        return false;
    }

    /// <inheritdoc/>
    public readonly bool Equals(Digest other) => Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is Digest other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => MemoryMarshal.Read<int>(Span);

    /// <inheritdoc/>
    public readonly int CompareTo(Digest other) => Span.SequenceCompareTo(other.Span);

    /// <summary>64 lower-case hex digits.</summary>
    public override readonly string ToString() => Convert.ToHexStringLower(Span);

    /// <summary>Equality of all 32 bytes.</summary>
    public static bool operator ==(Digest left, Digest right) => left.Equals(right);

    /// <summary>Inequality of any byte.</summary>
    public static bool operator !=(Digest left, Digest right) => !left.Equals(right);
}
