using Ogong.Bytes;

namespace Ogong.Records;

/// <summary>Constants of the protocol and the hashes of token sequences.</summary>
public static class Protocol
{
    /// <summary>Version written into every message; the only one this library reads.</summary>
    public const ushort Version = 1;

    /// <summary>Most tokens of a prompt or of a reply.</summary>
    public const int MaxTokens = 1 << 20;

    /// <summary>Most layers of a model.</summary>
    public const int MaxLayers = 1 << 16;

    /// <summary>Most segments of a cohort.</summary>
    public const int MaxSegments = 1024;

    /// <summary>Widest state.</summary>
    public const int MaxWidth = 1 << 17;

    private static readonly HashTag requestTag = new("ogong/request/1");
    private static readonly HashTag responseTag = new("ogong/response/1");
    private static readonly HashTag replyIdTag = new("ogong/reply-id/1");

    /// <summary><c>req_hash</c>: <c>H("ogong/request/1", u32 count ‖ u32 id …)</c> over the prompt's token ids.</summary>
    public static Digest RequestHash(ReadOnlySpan<int> prompt) => HashTokens(requestTag, prompt);

    /// <summary><c>resp_hash</c>: <c>H("ogong/response/1", u32 count ‖ u32 id …)</c> over the generated token ids.</summary>
    public static Digest ResponseHash(ReadOnlySpan<int> reply) => HashTokens(responseTag, reply);

    /// <summary><c>reply_id</c>: <c>H("ogong/reply-id/1", order hash ‖ provider key id)</c>, so that nobody can choose it.</summary>
    public static Digest ReplyId(Digest orderHash, Digest providerKeyId)
    {
        using var hasher = new TaggedHasher(replyIdTag);
        hasher.Append(orderHash);
        hasher.Append(providerKeyId);
        return hasher.Finish();
    }

    /// <summary>Reads the version field, which must be <see cref="Version"/>.</summary>
    internal static bool TryReadVersion(ref ByteReader reader)
    {
        int start = reader.Offset;
        return reader.TryUInt16(out ushort version, "version") && (version == Version || reader.FailAt(DecodeError.UnknownVersion, start, "version"));
    }

    private static Digest HashTokens(HashTag tag, ReadOnlySpan<int> tokens)
    {
        using var hasher = new TaggedHasher(tag);
        hasher.Append((uint)tokens.Length);
        hasher.Append(tokens);
        return hasher.Finish();
    }
}
