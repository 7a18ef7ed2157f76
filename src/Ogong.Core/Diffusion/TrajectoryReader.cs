using Ogong.Bytes;
using Ogong.Records;

namespace Ogong.Diffusion;

/// <summary>
/// Reads <c>.ogong</c> files of trajectories. Total: whatever the bytes, the answer is a trajectory or where and why there is none, in time and memory proportional to the bytes really present and to
/// the stated limits of the format. Checks form and checksum, not truth: no signature is verified and no hash compared.
/// </summary>
public static class TrajectoryReader
{
    /// <summary>Decodes a file held in memory.</summary>
    public static DecodeResult<TrajectoryReply> Decode(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        using var stream = new MemoryStream(bytes, writable: false);
        return Read(stream);
    }

    /// <summary>Reads a file to its end; the stream must end with it.</summary>
    /// <exception cref="IOException">The stream itself failed.</exception>
    public static DecodeResult<TrajectoryReply> Read(Stream stream, long maxBytes = ReplyReader.DefaultMaxBytes)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxBytes);
        using var frames = new FrameReader(stream, maxBytes);
        return TryRead(frames, out TrajectoryReply? reply) ? DecodeResult<TrajectoryReply>.Ok(reply!) : DecodeResult<TrajectoryReply>.Fail(frames.Failure);
    }

    private static bool TryRead(FrameReader frames, out TrajectoryReply? reply)
    {
        reply = null;
        if (!frames.TryHeader()
            || !frames.TrySigned(FrameType.DiffusionOrder, out Signed<DiffusionOrder>? order, out ReadOnlyMemory<byte> consumerKey)
            || !TryConditioning(frames, out Conditioning? conditioning)
            || !TryLatents(frames, order!.Message, out List<CommittedLatent> latents)
            || !frames.TryNext()
            || !TrySegments(frames, order.Message, out List<TrajectorySegment> segments)
            || !frames.TryCurrentSigned(FrameType.TrajectoryRecord, out Signed<TrajectoryRecord>? record, out ReadOnlyMemory<byte> providerKey)
            || !frames.TryTrailer())
            return false;
        reply = new TrajectoryReply
        {
            Order = order,
            ConsumerKey = consumerKey,
            Conditioning = conditioning!,
            Latents = latents,
            Segments = segments,
            Record = record!,
            ProviderKey = providerKey,
        };
        return true;
    }

    private static bool TryConditioning(FrameReader frames, out Conditioning? conditioning)
    {
        conditioning = null;
        if (!frames.TryNext() || !frames.IsType(FrameType.Conditioning)) return false;
        var reader = new ByteReader(frames.Payload);
        return (Conditioning.TryRead(ref reader, out conditioning) && reader.TryEnd()) || frames.Fail(reader.Failure);
    }

    private static bool TryLatents(FrameReader frames, DiffusionOrder order, out List<CommittedLatent> latents)
    {
        latents = [];
        CommittedSteps committed = CommittedSteps.Of(order);
        while (latents.Count < committed.Count)
        {
            if (!frames.TryNext() || !frames.IsType(FrameType.Latent)) return false;
            var reader = new ByteReader(frames.Payload);
            if (!TrajectoryFormat.TryReadLatent(ref reader, order, committed[latents.Count], out CommittedLatent? latent) || !reader.TryEnd()) return frames.Fail(reader.Failure);
            latents.Add(latent!);
        }
        return true;
    }

    // Enters at the first segment, leaves at the frame after the last one's steps.
    private static bool TrySegments(FrameReader frames, DiffusionOrder order, out List<TrajectorySegment> segments)
    {
        segments = [];
        if (!frames.IsType(FrameType.Segment)) return false;
        do
        {
            if (segments.Count == Protocol.MaxSegments) return frames.Fail(DecodeError.TooLarge, "segments");
            if (!frames.TryCurrentSigned(FrameType.Segment, out Signed<SegmentAttestation>? attestation, out ReadOnlyMemory<byte> key)) return false;
            if (attestation!.Message.Rows != order.Steps) return frames.Fail(new DecodeFailure(DecodeError.Inconsistent, 0, "steps of a segment"));
            var steps = new List<StepBoundary>();
            while (steps.Count < order.Steps)
            {
                if (!frames.TryNext() || !frames.IsType(FrameType.StepBoundary)) return false;
                var reader = new ByteReader(frames.Payload);
                if (!TrajectoryFormat.TryReadStep(ref reader, attestation.Message, steps.Count, out StepBoundary? step) || !reader.TryEnd()) return frames.Fail(reader.Failure);
                steps.Add(step!);
            }
            segments.Add(new TrajectorySegment { Attestation = attestation, PublicKey = key, Steps = steps });
            if (!frames.TryNext()) return false;
        }
        while (frames.Type == FrameType.Segment);
        return true;
    }
}
