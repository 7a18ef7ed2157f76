using System.Diagnostics.CodeAnalysis;
using Ogong.Bytes;
using Ogong.Records;

namespace Ogong.Diffusion;

/// <summary>What the lead signs about a finished trajectory. Its hash names the trajectory wherever one is named. Immutable.</summary>
public sealed record TrajectoryRecord : ISignable<TrajectoryRecord>
{
    /// <inheritdoc/>
    public static HashTag Tag { get; } = new("ogong/trajectory-record/1");

    /// <summary>Hash of the order this replies to.</summary>
    public required Digest OrderHash { get; init; }

    /// <summary>Root of the model that ran.</summary>
    public required Digest ModelRoot { get; init; }

    /// <summary><see cref="TrajectoryHash.Root"/> over the committed latents.</summary>
    public required Digest TrajectoryRoot { get; init; }

    /// <summary>Digest of the final latent, x_N: what the consumer receives.</summary>
    public required Digest FinalLatent { get; init; }

    /// <summary>Merkle root over the hashes of the segment attestations, in order (<see cref="ReplyRecord.CohortRootOf"/>).</summary>
    public required Digest CohortRoot { get; init; }

    /// <summary>Segments of the cohort.</summary>
    public required int Segments { get; init; }

    /// <summary>Denoising steps run, N.</summary>
    public required int Steps { get; init; }

    /// <summary>Profile and parameters that ran.</summary>
    public required LatentProfile Profile { get; init; }

    /// <summary>t0: when the order was accepted, in milliseconds since 1970-01-01 UTC, by the provider's clock.</summary>
    public required long Started { get; init; }

    /// <summary>t1: when the trajectory was complete; not before <see cref="Started"/>.</summary>
    public required long Finished { get; init; }

    /// <summary>Id of the lead's key.</summary>
    public required Digest ProviderKeyId { get; init; }

    /// <summary><c>reply_id</c>: fixed by the order and the provider.</summary>
    public Digest ReplyId => Protocol.ReplyId(OrderHash, ProviderKeyId);

    /// <inheritdoc/>
    public Digest SignerKeyId => ProviderKeyId;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">A field is out of its range.</exception>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (!IsValid()) throw new InvalidOperationException("A field of the record is out of its range.");
        writer.UInt16(Protocol.Version);
        writer.Digest(ReplyId);
        writer.Digest(OrderHash);
        writer.Digest(ModelRoot);
        writer.Digest(TrajectoryRoot);
        writer.Digest(FinalLatent);
        writer.Digest(CohortRoot);
        writer.Count(Segments);
        writer.Count(Steps);
        Profile.Write(writer);
        writer.Int64(Started);
        writer.Int64(Finished);
        writer.Digest(ProviderKeyId);
    }

    /// <inheritdoc/>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out TrajectoryRecord? value)
    {
        value = null;
        int start = reader.Offset;
        if (!Protocol.TryReadVersion(ref reader)
            || !reader.TryDigest(out Digest replyId, "reply id")
            || !reader.TryDigest(out Digest order, "order hash")
            || !reader.TryDigest(out Digest model, "model root")
            || !reader.TryDigest(out Digest root, "trajectory root")
            || !reader.TryDigest(out Digest final, "final latent")
            || !reader.TryDigest(out Digest cohort, "cohort root")
            || !reader.TryCount(1, Protocol.MaxSegments, out int segments, "segments")
            || !reader.TryCount(1, ScheduleParameters.MaxSteps, out int steps, "steps")
            || !LatentProfile.TryRead(ref reader, out LatentProfile? profile)
            || !reader.TryInt64(out long started, "t0")
            || !reader.TryInt64(out long finished, "t1")
            || !reader.TryDigest(out Digest provider, "provider key id"))
            return false;
        var read = new TrajectoryRecord
        {
            OrderHash = order,
            ModelRoot = model,
            TrajectoryRoot = root,
            FinalLatent = final,
            CohortRoot = cohort,
            Segments = segments,
            Steps = steps,
            Profile = profile,
            Started = started,
            Finished = finished,
            ProviderKeyId = provider,
        };
        if (!read.IsValid()) return reader.FailAt(DecodeError.OutOfRange, start, "record");
        if (read.ReplyId != replyId) return reader.FailAt(DecodeError.Inconsistent, start + 2, "reply id");
        value = read;
        return true;
    }

    private bool IsValid() => Segments is >= 1 and <= Protocol.MaxSegments && Steps is >= 1 and <= ScheduleParameters.MaxSteps && Finished >= Started;
}
