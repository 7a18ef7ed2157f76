using System.Diagnostics.CodeAnalysis;
using Ogong.Bytes;

namespace Ogong.Records;

/// <summary>What the lead signs about a finished reply. Its hash names the reply wherever one is named. Immutable.</summary>
public sealed record ReplyRecord : ISignable<ReplyRecord>
{
    /// <inheritdoc/>
    public static HashTag Tag { get; } = new("ogong/reply-record/1");

    /// <summary>Hash of the order this replies to.</summary>
    public required Digest OrderHash { get; init; }

    /// <summary><see cref="Protocol.RequestHash"/> of the prompt.</summary>
    public required Digest RequestHash { get; init; }

    /// <summary><see cref="Protocol.ResponseHash"/> of the generated tokens.</summary>
    public required Digest ResponseHash { get; init; }

    /// <summary>Root of the model that ran.</summary>
    public required Digest ModelRoot { get; init; }

    /// <summary>Merkle root over the text windows.</summary>
    public required Digest CommitRoot { get; init; }

    /// <summary>Merkle root over the hashes of the segment attestations, in order (<see cref="CohortRootOf"/>).</summary>
    public required Digest CohortRoot { get; init; }

    /// <summary>Segments of the cohort.</summary>
    public required int Segments { get; init; }

    /// <summary>Tokens of the prompt.</summary>
    public required int PromptLength { get; init; }

    /// <summary>Generated tokens, n_tokens.</summary>
    public required int TokenCount { get; init; }

    /// <summary>Why the reply ended.</summary>
    public required StopReason StopReason { get; init; }

    /// <summary>Profile and parameters that ran.</summary>
    public required ProfileParameters Profile { get; init; }

    /// <summary>Sampling rule and seed that ran.</summary>
    public required SamplingParameters Sampling { get; init; }

    /// <summary>t0: when the order was accepted, in milliseconds since 1970-01-01 UTC, by the provider's clock.</summary>
    public required long Started { get; init; }

    /// <summary>t1: when the reply was complete; not before <see cref="Started"/>.</summary>
    public required long Finished { get; init; }

    /// <summary>Id of the lead's key.</summary>
    public required Digest ProviderKeyId { get; init; }

    /// <summary><c>reply_id</c>: fixed by the order and the provider.</summary>
    public Digest ReplyId => Protocol.ReplyId(OrderHash, ProviderKeyId);

    /// <summary>Positions fed to the model: the prompt and every generated token but the last.</summary>
    public int Rows => PromptLength + TokenCount - 1;

    /// <inheritdoc/>
    public Digest SignerKeyId => ProviderKeyId;

    /// <summary>Merkle root whose leaf data are the attestations' hashes.</summary>
    public static Digest CohortRootOf(IEnumerable<SegmentAttestation> attestations)
    {
        ArgumentNullException.ThrowIfNull(attestations);
        var tree = new Merkle.MerkleBuilder();
        foreach (SegmentAttestation attestation in attestations) tree.Append(attestation.Hash().Span);
        return tree.Root();
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">A field is out of its range.</exception>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (!IsValid()) throw new InvalidOperationException("A field of the record is out of its range.");
        writer.UInt16(Protocol.Version);
        writer.Digest(ReplyId);
        writer.Digest(OrderHash);
        writer.Digest(RequestHash);
        writer.Digest(ResponseHash);
        writer.Digest(ModelRoot);
        writer.Digest(CommitRoot);
        writer.Digest(CohortRoot);
        writer.Count(Segments);
        writer.Count(PromptLength);
        writer.Count(TokenCount);
        writer.UInt8((byte)StopReason);
        Profile.Write(writer);
        Sampling.Write(writer);
        writer.Int64(Started);
        writer.Int64(Finished);
        writer.Digest(ProviderKeyId);
    }

    /// <inheritdoc/>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out ReplyRecord? value)
    {
        value = null;
        int start = reader.Offset;
        if (!Protocol.TryReadVersion(ref reader)
            || !reader.TryDigest(out Digest replyId, "reply id")
            || !reader.TryDigest(out Digest order, "order hash")
            || !reader.TryDigest(out Digest request, "request hash")
            || !reader.TryDigest(out Digest response, "response hash")
            || !reader.TryDigest(out Digest model, "model root")
            || !reader.TryDigest(out Digest commit, "commit root")
            || !reader.TryDigest(out Digest cohort, "cohort root")
            || !reader.TryCount(1, Protocol.MaxSegments, out int segments, "segments")
            || !reader.TryCount(1, Protocol.MaxTokens, out int prompt, "prompt length")
            || !reader.TryCount(1, Protocol.MaxTokens, out int tokens, "token count")
            || !reader.TryUInt8(out byte stop, "stop reason")
            || !ProfileParameters.TryRead(ref reader, out ProfileParameters? profile)
            || !SamplingParameters.TryRead(ref reader, out SamplingParameters? sampling)
            || !reader.TryInt64(out long started, "t0")
            || !reader.TryInt64(out long finished, "t1")
            || !reader.TryDigest(out Digest provider, "provider key id"))
            return false;
        var read = new ReplyRecord
        {
            OrderHash = order,
            RequestHash = request,
            ResponseHash = response,
            ModelRoot = model,
            CommitRoot = commit,
            CohortRoot = cohort,
            Segments = segments,
            PromptLength = prompt,
            TokenCount = tokens,
            StopReason = (StopReason)stop,
            Profile = profile,
            Sampling = sampling,
            Started = started,
            Finished = finished,
            ProviderKeyId = provider,
        };
        if (!read.IsValid()) return reader.FailAt(DecodeError.OutOfRange, start, "record");
        if (read.ReplyId != replyId) return reader.FailAt(DecodeError.Inconsistent, start + 2, "reply id");
        value = read;
        return true;
    }

    private bool IsValid() =>
        Segments is >= 1 and <= Protocol.MaxSegments
        && PromptLength is >= 1 and <= Protocol.MaxTokens
        && TokenCount is >= 1 and <= Protocol.MaxTokens
        && StopReason is >= StopReason.EndToken and <= StopReason.MaxTokens
        && Finished >= Started;
}
