using System.Text;

namespace Ogong.Bytes;

/// <summary>
/// The domain of a hash. <c>H_tag(x) = SHA-256(u8 length(tag) ‖ tag ‖ x)</c>: no tag is a prefix of another, and because a tag has at least
/// two characters no tagged input starts with 0x00 or 0x01, the Merkle prefixes. One tag per kind of value.
/// </summary>
public sealed class HashTag
{
    private readonly byte[] prefix;

    /// <summary>Defines a tag of 2 to 64 printable ASCII characters, conventionally <c>ogong/what/version</c>.</summary>
    public HashTag(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length is < 2 or > 64 || name.Any(c => c is < '!' or > '~'))
            throw new ArgumentException("A hash tag has 2 to 64 printable ASCII characters.", nameof(name));
        Name = name;
        prefix = [(byte)name.Length, .. Encoding.ASCII.GetBytes(name)];
    }

    /// <summary>The tag's text.</summary>
    public string Name { get; }

    /// <summary>The bytes hashed before the data.</summary>
    internal ReadOnlySpan<byte> Prefix => prefix;

    /// <summary>Hashes <paramref name="data"/> in this domain.</summary>
    public Digest Hash(ReadOnlySpan<byte> data)
    {
        using var hasher = new TaggedHasher(this);
        hasher.Append(data);
        return hasher.Finish();
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
