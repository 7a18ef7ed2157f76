using System.Runtime.InteropServices;
using Ogong.Bytes;
using Ogong.Commitments;

namespace Ogong.Records;

/// <summary>
/// Reads <c>.ogong</c> files. Total: whatever the bytes, the answer is a reply or where and why there is none, in time and memory proportional to the bytes really present and to the stated
/// limits of the format. Checks form and checksum, not truth: no signature is verified and no hash compared.
/// </summary>
public static class ReplyReader
{
    /// <summary>Largest file read unless another limit is given: 1 GiB.</summary>
    public const long DefaultMaxBytes = 1L << 30;

    /// <summary>Decodes a file held in memory.</summary>
    public static DecodeResult<Reply> Decode(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        using var stream = new MemoryStream(bytes, writable: false);
        return Read(stream);
    }

    /// <summary>Reads a file to its end; the stream must end with it.</summary>
    /// <exception cref="IOException">The stream itself failed.</exception>
    public static DecodeResult<Reply> Read(Stream stream, long maxBytes = DefaultMaxBytes)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxBytes);
        using var frames = new FrameReader(stream, maxBytes);
        return TryRead(frames, out Reply? reply) ? DecodeResult<Reply>.Ok(reply!) : DecodeResult<Reply>.Fail(frames.Failure);
    }

    private static bool TryRead(FrameReader frames, out Reply? reply)
    {
        reply = null;
        if (!frames.TryHeader()
            || !frames.TrySigned(FrameType.Order, out Signed<Order>? order, out ReadOnlyMemory<byte> consumerKey)
            || !TryPrompt(frames, out int[] prompt)
            || !frames.TryNext()
            || !TryTextWindows(frames, order!.Message.Profile, out List<TextWindowEvidence> windows)
            || !TrySegments(frames, order.Message.Profile, out List<ReplySegment> segments)
            || !frames.TryCurrentSigned(FrameType.Record, out Signed<ReplyRecord>? record, out ReadOnlyMemory<byte> providerKey)
            || !frames.TryTrailer())
            return false;
        reply = new Reply
        {
            Order = order,
            ConsumerKey = consumerKey,
            Prompt = ImmutableCollectionsMarshal.AsImmutableArray(prompt),
            TextWindows = windows,
            Segments = segments,
            Record = record!,
            ProviderKey = providerKey,
        };
        return true;
    }

    private static bool TryPrompt(FrameReader frames, out int[] prompt)
    {
        prompt = [];
        if (!frames.TryNext() || !frames.IsType(FrameType.Prompt)) return false;
        var reader = new ByteReader(frames.Payload);
        return (reader.TryTokens(1, Protocol.MaxTokens, out prompt, "prompt") && reader.TryEnd()) || frames.Fail(reader.Failure);
    }

    // Enters at the first text window, leaves at the frame after the last.
    private static bool TryTextWindows(FrameReader frames, ProfileParameters profile, out List<TextWindowEvidence> windows)
    {
        windows = [];
        if (!frames.IsType(FrameType.TextWindow)) return false;
        do
        {
            var reader = new ByteReader(frames.Payload);
            if (!ReplyFormat.TryReadTextWindow(ref reader, profile, out TextWindowEvidence? window) || !reader.TryEnd()) return frames.Fail(reader.Failure);
            if (window!.Leaf.Index != windows.Count || (windows.Count > 0 && windows[^1].Leaf.Tokens.Length < CommitmentWindow.Length))
                return frames.Fail(new DecodeFailure(DecodeError.Inconsistent, 0, "text window"));
            windows.Add(window);
            if (!frames.TryNext()) return false;
        }
        while (frames.Type == FrameType.TextWindow);
        return true;
    }

    // Enters at the first segment, leaves at the frame after the last one's boundary windows.
    private static bool TrySegments(FrameReader frames, ProfileParameters profile, out List<ReplySegment> segments)
    {
        segments = [];
        if (!frames.IsType(FrameType.Segment)) return false;
        do
        {
            if (segments.Count == Protocol.MaxSegments) return frames.Fail(DecodeError.TooLarge, "segments");
            if (!frames.TryCurrentSigned(FrameType.Segment, out Signed<SegmentAttestation>? attestation, out ReadOnlyMemory<byte> key)) return false;
            SegmentAttestation segment = attestation!.Message;
            var windows = new List<BoundaryWindow>();
            for (int count = CommitmentWindow.Count(segment.Rows); windows.Count < count;)
            {
                if (!frames.TryNext() || !frames.IsType(FrameType.BoundaryWindow)) return false;
                var reader = new ByteReader(frames.Payload);
                if (!ReplyFormat.TryReadBoundaryWindow(ref reader, segment, profile, windows.Count, out BoundaryWindow? window) || !reader.TryEnd())
                    return frames.Fail(reader.Failure);
                windows.Add(window!);
            }
            segments.Add(new ReplySegment { Attestation = attestation, PublicKey = key, Windows = windows });
            if (!frames.TryNext()) return false;
        }
        while (frames.Type == FrameType.Segment);
        return true;
    }
}
