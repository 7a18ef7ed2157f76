using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Ogong.Bytes;

/// <summary>Hashes a value piece by piece in the domain of a tag; reusable, without allocation after construction. Not thread-safe.</summary>
public sealed class TaggedHasher : IDisposable
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly HashTag tag;

    /// <summary>Starts a value in the domain of <paramref name="tag"/>.</summary>
    public TaggedHasher(HashTag tag)
    {
        ArgumentNullException.ThrowIfNull(tag);
        this.tag = tag;
        hash.AppendData(tag.Prefix);
    }

    /// <summary>Appends bytes as they are.</summary>
    public void Append(ReadOnlySpan<byte> bytes) => hash.AppendData(bytes);

    /// <summary>Appends the 32 bytes of a digest.</summary>
    public void Append(Digest digest) => hash.AppendData(digest.Span);

    /// <summary>Appends a 32-bit integer, little-endian.</summary>
    public void Append(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        hash.AppendData(bytes);
    }

    /// <summary>Appends a 64-bit integer, little-endian.</summary>
    public void Append(ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        hash.AppendData(bytes);
    }

    /// <summary>Appends the bits of binary32 values, little-endian.</summary>
    public void Append(ReadOnlySpan<float> values) => AppendWords(MemoryMarshal.Cast<float, uint>(values));

    /// <summary>Appends 32-bit integers, little-endian.</summary>
    public void Append(ReadOnlySpan<int> values) => AppendWords(MemoryMarshal.Cast<int, uint>(values));

    /// <summary>The digest of everything appended; the hasher starts a new value in the same domain.</summary>
    public Digest Finish()
    {
        Span<byte> result = stackalloc byte[Digest.Size];
        hash.GetHashAndReset(result);
        hash.AppendData(tag.Prefix);
        return new Digest(result);
    }

    /// <summary>Forgets what was appended and starts a new value in the same domain.</summary>
    public void Reset() => _ = Finish();

    /// <inheritdoc/>
    public void Dispose() => hash.Dispose();

    private void AppendWords(ReadOnlySpan<uint> words)
    {
        if (BitConverter.IsLittleEndian)
        {
            hash.AppendData(MemoryMarshal.AsBytes(words));
            return;
        }
        foreach (uint word in words) Append(word);
    }
}
